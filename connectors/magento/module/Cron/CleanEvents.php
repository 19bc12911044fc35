<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Cron;

use LoyaltyBridge\Loyalty\Model\Event\EventStorage;
use LoyaltyBridge\Loyalty\Model\Log;

/**
 * Gives up events that did not arrive in two weeks: the bridge has found out by itself long ago.
 */
class CleanEvents
{
    private const SECONDS = 14 * 86400;

    /**
     * @param EventStorage $storage
     * @param Log $log
     */
    public function __construct(
        private readonly EventStorage $storage,
        private readonly Log $log
    ) {
    }

    /**
     * Runs the job.
     *
     * @return void
     */
    public function execute(): void
    {
        try {
            $this->storage->deleteOlder(self::SECONDS);
        } catch (\Throwable $failure) {
            $this->log->failure('cleaning', $failure);
        }
    }
}
