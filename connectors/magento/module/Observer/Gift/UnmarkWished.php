<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Gift;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A gift that is moved from the cart to a wish list is wished as anything else: put into a cart from there
 * it is bought. With its mark it would be taken out of the cart again and again.
 */
class UnmarkWished implements ObserverInterface
{
    /**
     * @param Log $log
     */
    public function __construct(private readonly Log $log)
    {
    }

    /**
     * Event catalog_product_type_prepare_lite_options: before the request is written down.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer)
    {
        try {
            $observer->getData('buy_request')->unsetData(Mark::NAME);
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, wishing', $failure);
        }
    }
}
