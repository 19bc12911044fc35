<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * Who may use a code.
 *
 * @api
 */
interface VoucherInterface
{
    /**
     * The code.
     *
     * @return string|null
     */
    public function getCode(): ?string;

    /**
     * The code.
     *
     * @param string|null $code
     * @return void
     */
    public function setCode(?string $code): void;

    /**
     * Customers; empty: whoever has the address.
     *
     * @return int[]|null
     */
    public function getCustomerIds(): ?array;

    /**
     * Customers; empty: whoever has the address.
     *
     * @param int[]|null $customerIds
     * @return void
     */
    public function setCustomerIds(?array $customerIds): void;

    /**
     * Address in lower case; empty as well: anybody.
     *
     * @return string|null
     */
    public function getEmail(): ?string;

    /**
     * Address in lower case; empty as well: anybody.
     *
     * @param string|null $email
     * @return void
     */
    public function setEmail(?string $email): void;
}
