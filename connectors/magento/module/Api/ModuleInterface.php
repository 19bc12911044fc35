<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api;

/**
 * The module itself: what it is, and what the bridge tells it.
 *
 * @api
 */
interface ModuleInterface
{
    /**
     * What it is and what it was told.
     *
     * @return \LoyaltyBridge\Loyalty\Api\Data\ModuleStateInterface
     */
    public function getState(): Data\ModuleStateInterface;

    /**
     * Takes settings. What is missing, and an empty secret, stays as it was.
     *
     * @param \LoyaltyBridge\Loyalty\Api\Data\SettingsInterface $settings
     * @return \LoyaltyBridge\Loyalty\Api\Data\ModuleStateInterface
     * @throws \Magento\Framework\Exception\InputException
     */
    public function tell(Data\SettingsInterface $settings): Data\ModuleStateInterface;

    /**
     * Forgets settings, gift rules, owners of codes, balances and waiting events.
     *
     * @return bool
     */
    public function forget(): bool;

    /**
     * Sends an event of the id hello-<nonce> at once.
     *
     * @param string $nonce
     * @return bool
     * @throws \Magento\Framework\Exception\InputException
     * @throws \Magento\Framework\Exception\LocalizedException
     */
    public function hello(string $nonce): bool;
}
