<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api;

/**
 * Balances of customers.
 *
 * @api
 */
interface BalancesInterface
{
    /**
     * Sets balances; answers with those refused.
     *
     * @param \LoyaltyBridge\Loyalty\Api\Data\BalanceInterface[] $balances
     * @return \LoyaltyBridge\Loyalty\Api\Data\RefusedBalanceInterface[]
     * @throws \Magento\Framework\Exception\InputException
     */
    public function save(array $balances): array;

    /**
     * Balances of the customers who are there; ids with commas between.
     *
     * @param string $customerIds
     * @return \LoyaltyBridge\Loyalty\Api\Data\KnownBalanceInterface[]
     * @throws \Magento\Framework\Exception\InputException
     */
    public function getList(string $customerIds): array;

    /**
     * Forgets all.
     *
     * @return bool
     */
    public function clear(): bool;
}
