<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\KnownBalanceInterface;

/**
 * A customer's points, as they are kept.
 */
class KnownBalance implements KnownBalanceInterface
{
    /** @var int */
    private int $customerId = 0;

    /** @var bool */
    private bool $isSet = false;

    /** @var int */
    private int $available = 0;

    /** @var int */
    private int $pending = 0;

    /** @var string */
    private string $tier = '';

    /** @var string */
    private string $tierKey = '';

    /** @var int */
    private int $expiring = 0;

    /** @var string */
    private string $expiresOn = '';

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
    public function getAvailable(): int
    {
        return $this->available;
    }

    /**
     * @inheritdoc
     */
    public function setAvailable(int $available): void
    {
        $this->available = $available;
    }

    /**
     * @inheritdoc
     */
    public function getPending(): int
    {
        return $this->pending;
    }

    /**
     * @inheritdoc
     */
    public function setPending(int $pending): void
    {
        $this->pending = $pending;
    }

    /**
     * @inheritdoc
     */
    public function getTier(): string
    {
        return $this->tier;
    }

    /**
     * @inheritdoc
     */
    public function setTier(string $tier): void
    {
        $this->tier = $tier;
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

    /**
     * @inheritdoc
     */
    public function getExpiring(): int
    {
        return $this->expiring;
    }

    /**
     * @inheritdoc
     */
    public function setExpiring(int $expiring): void
    {
        $this->expiring = $expiring;
    }

    /**
     * @inheritdoc
     */
    public function getExpiresOn(): string
    {
        return $this->expiresOn;
    }

    /**
     * @inheritdoc
     */
    public function setExpiresOn(string $expiresOn): void
    {
        $this->expiresOn = $expiresOn;
    }
}
