<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

/**
 * HMAC-SHA256 in lower-case hexadecimal digits.
 */
class Signature
{
    /**
     * Signs a message, byte by byte as it is sent.
     *
     * @param string $secret never empty
     * @param string $message
     * @return string
     */
    public function of(string $secret, string $message): string
    {
        if ($secret === '') {
            throw new \InvalidArgumentException('Nothing is signed without a secret.');
        }
        return hash_hmac('sha256', $message, $secret);
    }
}
