<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * A signed-in customer's own points.
 *
 * @api
 */
interface MemberBalanceInterface
{
    /**
     * Whether the programme knows him.
     *
     * @return bool
     */
    public function getIsMember(): bool;

    /**
     * Whether the programme knows him.
     *
     * @param bool $isMember
     * @return void
     */
    public function setIsMember(bool $isMember): void;

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
