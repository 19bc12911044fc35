<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Gift;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Gift\QuoteFacts;
use LoyaltyBridge\Loyalty\Model\Gift\QuoteLines;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A guest signs in: his cart goes into the customer's. Gifts stay outside, so that none is counted
 * together with what is paid for; they come back when the totals are collected.
 */
class LeaveBeforeMerge implements ObserverInterface
{
    /**
     * @param QuoteLines $lines
     * @param QuoteFacts $facts
     * @param Log $log
     */
    public function __construct(
        private readonly QuoteLines $lines,
        private readonly QuoteFacts $facts,
        private readonly Log $log
    ) {
    }

    /**
     * Event sales_quote_merge_before.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer)
    {
        try {
            $quote = $observer->getData('quote');
            $source = $observer->getData('source');
            foreach ([$quote, $source] as $one) {
                // The shop itself takes lines out that both carts have: nobody declined these.
                $one->unsetData(Mark::REMOVED);
                foreach ($this->lines->gifts($one) as $item) {
                    $this->lines->remove($one, $item);
                }
            }
            $declined = array_unique([...$this->facts->declined($quote), ...$this->facts->declined($source)]);
            if ($declined !== []) {
                $quote->setData(Mark::DECLINED, json_encode(array_values($declined), JSON_THROW_ON_ERROR));
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, merging', $failure);
        }
    }
}
