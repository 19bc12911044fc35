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
     * Customer.
     *
     * @return int
     */
    public function getCustomerId(): int;

    /**
     * Customer.
     *
     * @param int $customerId
     * @return void
     */
    public function setCustomerId(int $customerId): void;

    /**
     * Why.
     *
     * @return string
     */
    public function getMessage(): string;

    /**
     * Why.
     *
     * @param string $message
     * @return void
     */
    public function setMessage(string $message): void;
}
