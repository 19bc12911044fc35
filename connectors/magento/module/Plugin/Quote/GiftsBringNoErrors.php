<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\Quote;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Gift\QuoteStock;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\CatalogInventory\Observer\QuantityValidatorObserver;
use Magento\Framework\Event\Observer;
use Magento\Quote\Model\Quote\Item;

/**
 * A gift that is sold out while the cart lies is taken out when its totals are collected next. Until then
 * it keeps nobody from the checkout.
 */
class GiftsBringNoErrors
{
    /**
     * @param Mark $mark
     * @param QuoteStock $stock
     * @param Log $log
     */
    public function __construct(
        private readonly Mark $mark,
        private readonly QuoteStock $stock,
        private readonly Log $log
    ) {
    }

    /**
     * After a line's quantity was compared with the stock: when it is set, and when a cart is read.
     *
     * @param QuantityValidatorObserver $subject
     * @param mixed $result
     * @param Observer $observer
     * @return mixed
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function afterExecute(QuantityValidatorObserver $subject, $result, Observer $observer)
    {
        try {
            $item = $observer->getEvent()->getData('item');
            if ($item instanceof Item && $this->mark->of($item) !== '') {
                $this->stock->takeErrors($item);
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, stock', $failure);
        }
        return $result;
    }
}
