<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

use LoyaltyBridge\Loyalty\Model\Log;

/**
 * Sends at once when the shopper has his answer. Where PHP cannot do that, the cron job sends.
 */
class AfterAnswer
{
    private const ROWS = 20;
    private const SECONDS = 5.0;
    /** Events that others are sending: with more of them this one is left to the cron job. */
    private const SENDING = 8;

    /** @var bool */
    private bool $isExpected = false;

    /** @var string[] */
    private array $tokens = [];

    /**
     * @param Sender $sender
     * @param EventStorage $storage
     * @param Process $process
     * @param Log $log
     */
    public function __construct(
        private readonly Sender $sender,
        private readonly EventStorage $storage,
        private readonly Process $process,
        private readonly Log $log
    ) {
    }

    /**
     * Something was put down in this request.
     *
     * @param string $token to be sent whatever else failed; empty: none
     * @return bool whether it can be sent after the answer
     */
    public function expect(string $token = ''): bool
    {
        if (!$this->process->canAnswerEarly()) {
            return false;
        }
        if ($token !== '') {
            $this->tokens[] = $token;
        }
        if (!$this->isExpected) {
            $this->isExpected = true;
            // Registered anew at the end: behind everything others do there, like closing the session.
            $this->process->atEnd(fn () => $this->process->atEnd(fn () => $this->run()));
        }
        return true;
    }

    /**
     * Ends the answer and sends. Raises nothing.
     *
     * @return void
     */
    public function run(): void
    {
        try {
            $this->process->answer();
            if (!$this->storage->isCommitted()) {
                return;
            }
            foreach ($this->tokens as $token) {
                $this->sender->sendToken($token, (int)self::SECONDS);
            }
            if (!$this->storage->isTroubled() && !$this->storage->isBusy(self::SENDING)) {
                $this->sender->send(self::ROWS, self::SECONDS);
            }
        } catch (\Throwable $failure) {
            $this->log->failure('sending at once', $failure);
        }
    }
}
