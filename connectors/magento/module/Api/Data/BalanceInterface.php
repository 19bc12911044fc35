<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * A customer's points, as the bridge tells them.
 *
 * @api
 */
interface BalanceInterface
{
    /**
     * The customer.
     *
     * @return int|null
     */
    public function getCustomerId(): ?int;

    /**
     * The customer.
     *
     * @param int|null $customerId
     * @return void
     */
    public function setCustomerId(?int $customerId): void;

    /**
     * Points that can be spent.
     *
     * @return int|null
     */
    public function getAvailable(): ?int;

    /**
     * Points that can be spent.
     *
     * @param int|null $available
     * @return void
     */
    public function setAvailable(?int $available): void;

    /**
     * Points to come.
     *
     * @return int|null
     */
    public function getPending(): ?int;

    /**
     * Points to come.
     *
     * @param int|null $pending
     * @return void
     */
    public function setPending(?int $pending): void;

    /**
     * Name of the tier; empty: none.
     *
     * @return string|null
     */
    public function getTier(): ?string;

    /**
     * Name of the tier; empty: none.
     *
     * @param string|null $tier
     * @return void
     */
    public function setTier(?string $tier): void;

    /**
     * Key of the tier.
     *
     * @return string|null
     */
    public function getTierKey(): ?string;

    /**
     * Key of the tier.
     *
     * @param string|null $tierKey
     * @return void
     */
    public function setTierKey(?string $tierKey): void;

    /**
     * Points that expire next.
     *
     * @return int|null
     */
    public function getExpiring(): ?int;

    /**
     * Points that expire next.
     *
     * @param int|null $expiring
     * @return void
     */
    public function setExpiring(?int $expiring): void;

    /**
     * When they expire, YYYY-MM-DD; empty: never.
     *
     * @return string|null
     */
    public function getExpiresOn(): ?string;

    /**
     * When they expire, YYYY-MM-DD; empty: never.
     *
     * @param string|null $expiresOn
     * @return void
     */
    public function setExpiresOn(?string $expiresOn): void;
}
