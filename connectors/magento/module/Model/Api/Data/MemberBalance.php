<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\MemberBalanceInterface;

/**
 * A signed-in customer's own points.
 */
class MemberBalance implements MemberBalanceInterface
{
    /** @var bool */
    private bool $isMember = false;

    /** @var int */
    private int $available = 0;

    /** @var int */
    private int $pending = 0;

    /** @var string */
    private string $tier = '';

    /** @var int */
    private int $expiring = 0;

    /** @var string */
    private string $expiresOn = '';

    /**
     * @inheritdoc
     */
    public function getIsMember(): bool
    {
        return $this->isMember;
    }

    /**
     * @inheritdoc
     */
    public function setIsMember(bool $isMember): void
    {
        $this->isMember = $isMember;
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
