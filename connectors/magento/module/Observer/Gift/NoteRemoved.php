<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Gift;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Somebody took a gift out of his cart. The module's own hand does not come by here.
 */
class NoteRemoved implements ObserverInterface
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
     * Event sales_quote_remove_item.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer)
    {
        try {
            $item = $observer->getData('quote_item');
            $quote = $item->getQuote();
            $key = $this->mark->of($item);
            if ($key !== '' && $quote && !$item->getParentItem()) {
                $quote->setData(Mark::REMOVED, [...(array)$quote->getData(Mark::REMOVED), $key]);
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, declining', $failure);
        }
    }
}
