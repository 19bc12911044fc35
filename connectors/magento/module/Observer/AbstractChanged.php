<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer;

use LoyaltyBridge\Loyalty\Model\Event\Outbox;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\DB\Adapter\DeadlockException;
use Magento\Framework\Event;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Something was made or changed that the bridge is to hear of.
 */
abstract class AbstractChanged implements ObserverInterface
{
    /** What the bridge is to read anew. */
    protected const ENTITY = '';

    /** What the log calls the event. */
    protected const EVENT = '';

    /**
     * @param Outbox $outbox
     * @param Log $log
     */
    public function __construct(
        private readonly Outbox $outbox,
        private readonly Log $log
    ) {
    }

    /**
     * Puts the event down.
     *
     * @param Observer $observer
     * @return void
     * @throws DeadlockException the database took the whole transaction back, what was changed with it
     */
    public function execute(Observer $observer): void
    {
        try {
            $event = $observer->getEvent();
            $this->outbox->put((string)$event->getName(), static::ENTITY, $this->entityId($event));
        } catch (DeadlockException $lost) {
            throw $lost;
        } catch (\Throwable $failure) {
            $this->log->failure(static::EVENT, $failure);
        }
    }

    /**
     * The id of what is to be read.
     *
     * @param Event $event
     * @return string
     */
    abstract protected function entityId(Event $event): string;
}
