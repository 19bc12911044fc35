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
    private const CANCELED = 'canceled';

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
     * Around the placing of an order.
     *
     * @param OrderManagementInterface $subject
     * @param callable $proceed
     * @param OrderInterface $order
     * @return OrderInterface
     * @throws LocalizedException the one refusal of this module
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function aroundPlace(OrderManagementInterface $subject, callable $proceed, OrderInterface $order)
    {
        if (!$this->isClaimed($order)) {
            throw new LocalizedException(
                __('The voucher has been used already, or it is not yours. Take it out and try again.')
            );
        }
        $quoteId = (int)$order->getQuoteId();
        $incrementId = (string)$order->getIncrementId();
        try {
            $placed = $proceed($order);
        } catch (\Throwable $failure) {
            $this->quietly(fn () => $this->guard->giveBack($quoteId, $incrementId));
            throw $failure;
        }
        if ($order->getState() !== self::CANCELED) {
            $codes = $this->guard->codes((string)$order->getCouponCode());
            $this->quietly(fn () => $this->guard->confirm($codes, $quoteId, $incrementId));
        }
        return $placed;
    }

    /**
     * Does what must not break the order.
     *
     * @param callable $what
     * @return void
     */
    private function quietly(callable $what): void
    {
        try {
            $what();
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers, placed', $failure);
        }
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
