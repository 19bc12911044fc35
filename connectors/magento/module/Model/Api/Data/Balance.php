<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\BalanceInterface;

/**
 * A customer's points, as the bridge tells them.
 */
class Balance implements BalanceInterface
{
    /** @var int|null */
    private ?int $customerId = null;

    /** @var int|null */
    private ?int $available = null;

    /** @var int|null */
    private ?int $pending = null;

    /** @var string|null */
    private ?string $tier = null;

    /** @var string|null */
    private ?string $tierKey = null;

    /** @var int|null */
    private ?int $expiring = null;

    /** @var string|null */
    private ?string $expiresOn = null;

    /**
     * @inheritdoc
     */
    public function getCustomerId(): ?int
    {
        return $this->customerId;
    }

    /**
     * @inheritdoc
     */
    public function setCustomerId(?int $customerId): void
    {
        $this->customerId = $customerId;
    }

    /**
     * @inheritdoc
     */
    public function getAvailable(): ?int
    {
        return $this->available;
    }

    /**
     * @inheritdoc
     */
    public function setAvailable(?int $available): void
    {
        $this->available = $available;
    }

    /**
     * @inheritdoc
     */
    public function getPending(): ?int
    {
        return $this->pending;
    }

    /**
     * @inheritdoc
     */
    public function setPending(?int $pending): void
    {
        $this->pending = $pending;
    }

    /**
     * @inheritdoc
     */
    public function getTier(): ?string
    {
        return $this->tier;
    }

    /**
     * @inheritdoc
     */
    public function setTier(?string $tier): void
    {
        $this->tier = $tier;
    }

    /**
     * @inheritdoc
     */
    public function getTierKey(): ?string
    {
        return $this->tierKey;
    }

    /**
     * @inheritdoc
     */
    public function setTierKey(?string $tierKey): void
    {
        $this->tierKey = $tierKey;
    }

    /**
     * @inheritdoc
     */
    public function getExpiring(): ?int
    {
        return $this->expiring;
    }

    /**
     * @inheritdoc
     */
    public function setExpiring(?int $expiring): void
    {
        $this->expiring = $expiring;
    }

    /**
     * @inheritdoc
     */
    public function getExpiresOn(): ?string
    {
        return $this->expiresOn;
    }

    /**
     * @inheritdoc
     */
    public function setExpiresOn(?string $expiresOn): void
    {
        $this->expiresOn = $expiresOn;
    }
}
