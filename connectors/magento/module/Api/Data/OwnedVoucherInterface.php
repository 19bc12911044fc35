<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * Who may use a code, and who uses it.
 *
 * @api
 */
interface OwnedVoucherInterface
{
    /**
     * Code in upper case.
     *
     * @return string
     */
    public function getCode(): string;

    /**
     * Code in upper case.
     *
     * @param string $code
     * @return void
     */
    public function setCode(string $code): void;

    /**
     * Customers; empty: whoever has the address.
     *
     * @return int[]
     */
    public function getCustomerIds(): array;

    /**
     * Customers; empty: whoever has the address.
     *
     * @param int[] $customerIds
     * @return void
     */
    public function setCustomerIds(array $customerIds): void;

    /**
     * Address in lower case; empty as well: anybody.
     *
     * @return string
     */
    public function getEmail(): string;

    /**
     * Address in lower case; empty as well: anybody.
     *
     * @param string $email
     * @return void
     */
    public function setEmail(string $email): void;

    /**
     * Whether an order uses it.
     *
     * @return bool
     */
    public function getIsClaimed(): bool;

    /**
     * Whether an order uses it.
     *
     * @param bool $isClaimed
     * @return void
     */
    public function setIsClaimed(bool $isClaimed): void;

    /**
     * That order's number.
     *
     * @return string
     */
    public function getOrderIncrement(): string;

    /**
     * That order's number.
     *
     * @param string $orderIncrement
     * @return void
     */
    public function setOrderIncrement(string $orderIncrement): void;
}
