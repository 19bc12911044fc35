<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

/**
 * Points as the bridge told them, whoever asks.
 */
abstract class AbstractPoints
{
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
     * Points that can be spent.
     *
     * @return int
     */
    public function getAvailable(): int
    {
        return $this->available;
    }

    /**
     * Points that can be spent.
     *
     * @param int $available
     * @return void
     */
    public function setAvailable(int $available): void
    {
        $this->available = $available;
    }

    /**
     * Points to come.
     *
     * @return int
     */
    public function getPending(): int
    {
        return $this->pending;
    }

    /**
     * Points to come.
     *
     * @param int $pending
     * @return void
     */
    public function setPending(int $pending): void
    {
        $this->pending = $pending;
    }

    /**
     * Name of the tier; empty: none.
     *
     * @return string
     */
    public function getTier(): string
    {
        return $this->tier;
    }

    /**
     * Name of the tier; empty: none.
     *
     * @param string $tier
     * @return void
     */
    public function setTier(string $tier): void
    {
        $this->tier = $tier;
    }

    /**
     * Points that expire next.
     *
     * @return int
     */
    public function getExpiring(): int
    {
        return $this->expiring;
    }

    /**
     * Points that expire next.
     *
     * @param int $expiring
     * @return void
     */
    public function setExpiring(int $expiring): void
    {
        $this->expiring = $expiring;
    }

    /**
     * When they expire, YYYY-MM-DD; empty: never.
     *
     * @return string
     */
    public function getExpiresOn(): string
    {
        return $this->expiresOn;
    }

    /**
     * When they expire, YYYY-MM-DD; empty: never.
     *
     * @param string $expiresOn
     * @return void
     */
    public function setExpiresOn(string $expiresOn): void
    {
        $this->expiresOn = $expiresOn;
    }
}
