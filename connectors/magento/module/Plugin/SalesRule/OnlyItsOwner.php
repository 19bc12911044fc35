<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\SalesRule;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Voucher\Buyers;
use LoyaltyBridge\Loyalty\Model\Voucher\Guard;
use Magento\SalesRule\Model\Rule;
use Magento\SalesRule\Model\Utility;

/**
 * A rule with a coupon applies to the coupon's owner alone. The shop then says itself that the code
 * is not valid, and takes it out of the cart.
 */
class OnlyItsOwner
{
    /**
     * @param Guard $guard
     * @param Buyers $buyers
     * @param Log $log
     */
    public function __construct(
        private readonly Guard $guard,
        private readonly Buyers $buyers,
        private readonly Log $log
    ) {
    }

    /**
     * After the shop's own check.
     *
     * @param Utility $subject
     * @param bool $result
     * @param \Magento\SalesRule\Model\Rule $rule
     * @param \Magento\Quote\Model\Quote\Address $address
     * @return bool
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function afterCanProcessRule(Utility $subject, $result, $rule, $address)
    {
        if (!$result) {
            return $result;
        }
        try {
            if ((int)$rule->getCouponType() === Rule::COUPON_TYPE_NO_COUPON) {
                return $result;
            }
            $quote = $address->getQuote();
            $codes = $this->guard->codes((string)$quote->getCouponCode());
            $own = (string)$rule->getData('code');
            if ($own !== '') {
                // as the shop's table spells it; of several codes this is the one that counts
                $codes = count($codes) > 1 ? [$own] : [...$codes, $own];
            }
            return $this->guard->mayUse($codes, $this->buyers->ofQuote($quote));
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers', $failure);
            return $result;
        }
    }
}
