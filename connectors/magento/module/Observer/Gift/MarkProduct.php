<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Gift;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A request that says it is a gift's (ours; or that of an old order, put into a cart again) makes a
 * line of its own, which the rules then make free or take out. It never joins a line that is paid for, and
 * its mark does not stay for what is put in next.
 */
class MarkProduct implements ObserverInterface
{
    /**
     * @param Mark $mark
     * @param Log $log
     */
    public function __construct(
        private readonly Mark $mark,
        private readonly Log $log
    ) {
    }

    /**
     * Event catalog_product_type_prepare_full_options.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer)
    {
        try {
            $key = $this->mark->read($observer->getData('buy_request')->getData(Mark::NAME));
            $product = $observer->getData('product');
            if ($key !== '') {
                $product->addCustomOption(Mark::NAME, $key);
            } elseif (isset($product->getCustomOptions()[Mark::NAME])) {
                // Some put several lines of an order into a cart with one object of the product.
                $product->setCustomOptions(array_diff_key($product->getCustomOptions(), [Mark::NAME => true]));
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, marking', $failure);
        }
    }
}
