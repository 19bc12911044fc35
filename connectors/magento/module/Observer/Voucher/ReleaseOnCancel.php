<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer\Voucher;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Voucher\Guard;
use Magento\Framework\DB\Adapter\DeadlockException;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A cancelled order gives its voucher back, whichever way it was cancelled: all of them save it. One that
 * is paid after all, and so brought back by the module of the payment, takes it again if nobody has it.
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
     * @throws DeadlockException the database took the whole transaction back, the order with it
     */
    public function execute(Observer $observer)
    {
        try {
            $order = $observer->getData('order');
            $codes = $this->guard->codes((string)$order->getCouponCode());
            if ($codes === []) {
                return;
            }
            $of = [$codes, (int)$order->getQuoteId(), (string)$order->getIncrementId()];
            if ($order->getState() === self::CANCELED) {
                $this->guard->release(...$of);
            } elseif ($order->getOrigData('state') === self::CANCELED) {
                $this->guard->confirm(...$of);
            }
        } catch (DeadlockException $lost) {
            throw $lost;
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers, releasing', $failure);
        }
    }
}
