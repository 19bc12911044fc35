<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api;

/**
 * Owners of codes.
 *
 * @api
 */
interface VouchersInterface
{
    /**
     * Sets owners and keeps claims; answers with the codes refused.
     *
     * @param \LoyaltyBridge\Loyalty\Api\Data\VoucherInterface[] $vouchers
     * @return \LoyaltyBridge\Loyalty\Api\Data\RefusedVoucherInterface[]
     * @throws \Magento\Framework\Exception\InputException
     */
    public function save(array $vouchers): array;

    /**
     * The codes that are known; with commas between.
     *
     * @param string $codes
     * @return \LoyaltyBridge\Loyalty\Api\Data\OwnedVoucherInterface[]
     * @throws \Magento\Framework\Exception\InputException
     */
    public function getList(string $codes): array;

    /**
     * Forgets codes; one that is not there is no error.
     *
     * @param string[] $codes
     * @return bool
     * @throws \Magento\Framework\Exception\InputException
     */
    public function forget(array $codes): bool;
}
