<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Gift;

use LoyaltyBridge\Loyalty\Model\Gift\OpenCarts;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * The admin switches the module off, in the configuration or by bin/magento config:set; next he may
 * take it out of the shop.
 */
class ClearWhenSwitchedOff implements ObserverInterface
{
    /**
     * @param OpenCarts $carts
     * @param Log $log
     */
    public function __construct(
        private readonly OpenCarts $carts,
        private readonly Log $log
    ) {
    }

    /**
     * Event config_data_save_after.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer)
    {
        try {
            $value = $observer->getData('config_data');
            if ($value && $value->getData('path') === Settings::ENABLED && !$value->getData('value')) {
                $this->carts->clear();
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, switching off', $failure);
        }
    }
}
