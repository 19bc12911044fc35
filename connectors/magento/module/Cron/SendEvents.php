<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Cron;

use LoyaltyBridge\Loyalty\Model\Event\Sender;
use LoyaltyBridge\Loyalty\Model\Log;

/**
 * Sends what waits, once a minute.
 */
class SendEvents
{
    private const ROWS = 500;
    private const SECONDS = 50.0;

    /**
     * @param Sender $sender
     * @param Log $log
     */
    public function __construct(
        private readonly Sender $sender,
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
            $this->sender->send(self::ROWS, self::SECONDS);
        } catch (\Throwable $failure) {
            $this->log->failure('sending by cron', $failure);
        }
    }
}
