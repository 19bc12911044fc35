<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * A balance that was not taken.
 *
 * @api
 */
interface RefusedBalanceInterface
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
     * Why not.
     *
     * @return string
     */
    public function getMessage(): string;

    /**
     * Why not.
     *
     * @param string $message
     * @return void
     */
    public function setMessage(string $message): void;
}
