<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * A customer's points, as they are kept.
 *
 * @api
 */
interface KnownBalanceInterface
{
    /**
     * The customer.
     *
     * @return int
     */
    public function getCustomerId(): int;

    /**
     * The customer.
     *
     * @param int $customerId
     * @return void
     */
    public function setCustomerId(int $customerId): void;

    /**
     * Whether the bridge told a balance.
     *
     * @return bool
     */
    public function getIsSet(): bool;

    /**
     * Whether the bridge told a balance.
     *
     * @param bool $isSet
     * @return void
     */
    public function setIsSet(bool $isSet): void;

    /**
     * Points that can be spent.
     *
     * @return int
     */
    public function getAvailable(): int;

    /**
     * Points that can be spent.
     *
     * @param int $available
     * @return void
     */
    public function setAvailable(int $available): void;

    /**
     * Points to come.
     *
     * @return int
     */
    public function getPending(): int;

    /**
     * Points to come.
     *
     * @param int $pending
     * @return void
     */
    public function setPending(int $pending): void;

    /**
     * Name of the tier; empty: none.
     *
     * @return string
     */
    public function getTier(): string;

    /**
     * Name of the tier; empty: none.
     *
     * @param string $tier
     * @return void
     */
    public function setTier(string $tier): void;

    /**
     * Key of the tier.
     *
     * @return string
     */
    public function getTierKey(): string;

    /**
     * Key of the tier.
     *
     * @param string $tierKey
     * @return void
     */
    public function setTierKey(string $tierKey): void;

    /**
     * Points that expire next.
     *
     * @return int
     */
    public function getExpiring(): int;

    /**
     * Points that expire next.
     *
     * @param int $expiring
     * @return void
     */
    public function setExpiring(int $expiring): void;

    /**
     * When they expire, YYYY-MM-DD; empty: never.
     *
     * @return string
     */
    public function getExpiresOn(): string;

    /**
     * When they expire, YYYY-MM-DD; empty: never.
     *
     * @param string $expiresOn
     * @return void
     */
    public function setExpiresOn(string $expiresOn): void;
}
