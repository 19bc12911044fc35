<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\Quote;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Voucher\Guard;
use LoyaltyBridge\Loyalty\Model\Voucher\Lost;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Address\Total;
use Magento\Quote\Model\Quote\TotalsCollector;

/**
 * The shop takes a code that is no longer valid out of a cart without a word, also between the shopper's
 * "place order" and the order.
 */
class NoteLostVoucher
{
    /**
     * @param Guard $guard
     * @param Lost $lost
     * @param Log $log
     */
    public function __construct(
        private readonly Guard $guard,
        private readonly Lost $lost,
        private readonly Log $log
    ) {
    }

    /**
     * Around the collecting of all totals.
     *
     * @param TotalsCollector $subject
     * @param callable $proceed
     * @param Quote $quote
     * @return Total
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function aroundCollect(TotalsCollector $subject, callable $proceed, Quote $quote)
    {
        $said = (string)$quote->getCouponCode();
        $total = $proceed($quote);
        if ($said === '' || (string)$quote->getCouponCode() !== '') {
            return $total;
        }
        try {
            if ($quote->getId() && $this->guard->isOurs($this->guard->codes($said))) {
                $this->lost->note((int)$quote->getId());
            }
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers, collecting', $failure);
        }
        return $total;
    }
}
