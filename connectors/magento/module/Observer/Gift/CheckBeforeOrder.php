<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Gift;

use LoyaltyBridge\Loyalty\Model\Gift\Gifts;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A cart may lie for days and then be ordered without its totals being collected once more: a gift
 * whose rule has ended meanwhile is not ordered.
 */
class CheckBeforeOrder implements ObserverInterface
{
    /**
     * @param Gifts $gifts
     * @param Log $log
     */
    public function __construct(
        private readonly Gifts $gifts,
        private readonly Log $log
    ) {
    }

    /**
     * Event checkout_submit_before. Costs nothing where no gift is in the cart.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer)
    {
        $quote = $observer->getData('quote');
        try {
            $isSettled = $this->gifts->isSettled($quote);
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, ordering', $failure);
            $isSettled = true;
        }
        if (!$isSettled) {
            $quote->setTotalsCollectedFlag(false)->collectTotals();
        }
    }
}
