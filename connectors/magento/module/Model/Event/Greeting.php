<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

/**
 * Answers the bridge's question whether events arrive.
 */
class Greeting
{
    private const SECONDS = 5;

    /**
     * @param Outbox $outbox
     * @param EventStorage $storage
     * @param AfterAnswer $afterAnswer
     * @param Sender $sender
     */
    public function __construct(
        private readonly Outbox $outbox,
        private readonly EventStorage $storage,
        private readonly AfterAnswer $afterAnswer,
        private readonly Sender $sender
    ) {
    }

    /**
     * Puts the event down and sends it, after the answer where PHP can; false: there is nobody to send to.
     *
     * @param string $nonce
     * @return bool
     */
    public function send(string $nonce): bool
    {
        if (!$this->outbox->isOpen()) {
            return false;
        }
        $token = 'hello-' . $nonce;
        $this->storage->insert($token, 'hello', '', []);
        if (!$this->afterAnswer->expect($token)) {
            $this->sender->sendToken($token, self::SECONDS);
        }
        return true;
    }
}
