<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

use LoyaltyBridge\Loyalty\Model\Signature;

/**
 * What is sent for an event: body and headers, as the bridge verifies them.
 */
class Message
{
    /**
     * @param Signature $signature
     */
    public function __construct(private readonly Signature $signature)
    {
    }

    /**
     * The body, byte by byte as it is sent.
     *
     * @param string $token the same over repetitions
     * @param string $event
     * @param string $entity
     * @param string[] $ids
     * @return string
     */
    public function body(string $token, string $event, string $entity, array $ids): string
    {
        $message = ['id' => $token, 'event' => $event, 'entity' => $entity, 'ids' => array_map('strval', $ids)];
        return json_encode($message, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }

    /**
     * What goes beside it.
     *
     * @param string $secret
     * @param string $token
     * @param string $body
     * @param int $at seconds since 1970
     * @return array<string, string>
     */
    public function headers(string $secret, string $token, string $body, int $at): array
    {
        $signature = $this->signature->of($secret, $at . '.' . $body);
        return [
            'Content-Type' => 'application/json',
            'X-Loyalty-Bridge-Event-Id' => $token,
            'X-Loyalty-Bridge-Signature' => sprintf('t=%d,v1=%s', $at, $signature),
        ];
    }
}
