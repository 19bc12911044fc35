<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

use LoyaltyBridge\Loyalty\Model\Settings;

/**
 * Where things that happen in the shop are put down for the bridge.
 */
class Outbox
{
    /**
     * @param EventStorage $storage
     * @param Settings $settings
     * @param AfterAnswer $afterAnswer
     */
    public function __construct(
        private readonly EventStorage $storage,
        private readonly Settings $settings,
        private readonly AfterAnswer $afterAnswer
    ) {
    }

    /**
     * Puts an event down in the transaction of what happened, so that both are there or none.
     *
     * Nothing is put down while the module is switched off or was told no address.
     *
     * @param string $event
     * @param string $entity
     * @param string $id
     * @return void
     */
    public function put(string $event, string $entity, string $id): void
    {
        if ($id === '' || !$this->isOpen()) {
            return;
        }
        $this->storage->insert(bin2hex(random_bytes(16)), $event, $entity, [$id]);
        $this->afterAnswer->expect();
    }

    /**
     * Whether somebody is there to send to.
     *
     * @return bool
     */
    public function isOpen(): bool
    {
        return $this->settings->isActive()
            && $this->settings->eventsUrl() !== ''
            && $this->settings->eventsSecret() !== '';
    }
}
