<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Voucher;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Voucher\Guard;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A cancelled order gives its voucher back, whichever way it was cancelled: all of them save it.
 */
class ReleaseOnCancel implements ObserverInterface
{
    private const CANCELED = 'canceled';

    /**
     * @param Guard $guard
     * @param Log $log
     */
    public function __construct(
        private readonly Guard $guard,
        private readonly Log $log
    ) {
    }

    /**
     * Event sales_order_save_after.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer)
    {
        try {
            $order = $observer->getData('order');
            $codes = $order->getState() === self::CANCELED ? (string)$order->getCouponCode() : '';
            if ($codes !== '') {
                $this->guard->release(
                    $this->guard->codes($codes),
                    (int)$order->getQuoteId(),
                    (string)$order->getIncrementId()
                );
            }
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers, releasing', $failure);
        }
    }
}
