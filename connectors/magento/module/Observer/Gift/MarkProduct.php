<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Gift;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A request that says it is a gift's (ours; or that of an old order, put into a cart again) makes a
 * line of its own, which the rules then make free or take out. It never joins a line that is paid for.
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
            if ($key !== '') {
                $observer->getData('product')->addCustomOption(Mark::NAME, $key);
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, marking', $failure);
        }
    }
}
