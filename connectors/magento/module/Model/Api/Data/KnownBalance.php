<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\KnownBalanceInterface;

/**
 * A customer's points, as they are kept.
 */
class KnownBalance extends AbstractPoints implements KnownBalanceInterface
{
    /** @var int */
    private int $customerId = 0;

    /** @var bool */
    private bool $isSet = false;

    /** @var string */
    private string $tierKey = '';

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
    public function getIsSet(): bool
    {
        return $this->isSet;
    }

    /**
     * @inheritdoc
     */
    public function setIsSet(bool $isSet): void
    {
        $this->isSet = $isSet;
    }

    /**
     * @inheritdoc
     */
    public function getTierKey(): string
    {
        return $this->tierKey;
    }

    /**
     * @inheritdoc
     */
    public function setTierKey(string $tierKey): void
    {
        $this->tierKey = $tierKey;
    }
}
