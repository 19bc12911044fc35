<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\Sales;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Voucher\Buyers;
use LoyaltyBridge\Loyalty\Model\Voucher\Guard;
use LoyaltyBridge\Loyalty\Model\Voucher\Lost;
use Magento\Framework\Exception\LocalizedException;
use Magento\Sales\Api\Data\OrderInterface;
use Magento\Sales\Api\OrderManagementInterface;

/**
 * A voucher is counted before anything is paid, in one statement: of orders placed at the same time
 * one gets it. This is inside the shop's own placing, which undoes the rest when it is refused.
 */
class ClaimVouchers
{
    /**
     * @param Guard $guard
     * @param Buyers $buyers
     * @param Lost $lost
     * @param Log $log
     */
    public function __construct(
        private readonly Guard $guard,
        private readonly Buyers $buyers,
        private readonly Lost $lost,
        private readonly Log $log
    ) {
    }

    /**
     * Before an order is placed.
     *
     * @param OrderManagementInterface $subject
     * @param OrderInterface $order
     * @return null
     * @throws LocalizedException the one refusal of this module
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function beforePlace(OrderManagementInterface $subject, OrderInterface $order)
    {
        if (!$this->isClaimed($order)) {
            throw new LocalizedException(
                __('The voucher has been used already, or it is not yours. Take it out and try again.')
            );
        }
        return null;
    }

    /**
     * Whether the order has nothing of ours and lost nothing of ours, or has it now.
     *
     * @param OrderInterface $order
     * @return bool
     */
    private function isClaimed(OrderInterface $order): bool
    {
        try {
            if ($this->lost->isNoted((int)$order->getQuoteId())) {
                return false;
            }
            $codes = $this->guard->codes((string)$order->getCouponCode());
            if ($codes === []) {
                return true;
            }
            return $this->guard->claim($codes, $this->buyers->ofOrder($order), (string)$order->getIncrementId());
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers, placing', $failure);
            return true;
        }
    }
}
