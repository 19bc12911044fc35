<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\RefusedBalanceInterface;

/**
 * A balance that was not taken.
 */
class RefusedBalance implements RefusedBalanceInterface
{
    /** @var int */
    private int $customerId = 0;

    /** @var string */
    private string $message = '';

    /**
     * @inheritdoc
     */
    public function getCustomerId(): int
    {
        return $this->customerId;
    }

    /**
     * @inheritdoc
     */
    public function setCustomerId(int $customerId): void
    {
        $this->customerId = $customerId;
    }

    /**
     * @inheritdoc
     */
    public function getMessage(): string
    {
        return $this->message;
    }

    /**
     * @inheritdoc
     */
    public function setMessage(string $message): void
    {
        $this->message = $message;
    }
}
