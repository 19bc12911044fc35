<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api;

/**
 * Gift rules.
 *
 * @api
 */
interface GiftsInterface
{
    /**
     * All rules, also those that are not understood.
     *
     * @return \LoyaltyBridge\Loyalty\Api\Data\GiftInterface[]
     */
    public function getList(): array;

    /**
     * Keeps a rule.
     *
     * @param string $giftKey
     * @param \LoyaltyBridge\Loyalty\Api\Data\GiftInterface $gift
     * @return \LoyaltyBridge\Loyalty\Api\Data\GiftInterface
     * @throws \Magento\Framework\Exception\InputException
     */
    public function save(string $giftKey, Data\GiftInterface $gift): Data\GiftInterface;

    /**
     * Forgets a rule; one that is not there is no error.
     *
     * @param string $giftKey
     * @return bool
     */
    public function forget(string $giftKey): bool;
}
