<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Referral\Code;
use LoyaltyBridge\Loyalty\Model\Referral\Cookie;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * The code of a friend's link goes with the order that it led to.
 */
class NoteReferral implements ObserverInterface
{
    /**
     * @param Settings $settings
     * @param Cookie $cookie
     * @param Log $log
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly Cookie $cookie,
        private readonly Log $log
    ) {
    }

    /**
     * Before the order is placed: both are saved afterwards.
     *
     * @param Observer $observer
     * @return void
     */
    public function execute(Observer $observer): void
    {
        try {
            if (!$this->settings->isActive()) {
                return;
            }
            $quote = $observer->getData('quote');
            $order = $observer->getData('order');
            $code = $this->cookie->code() ?? Code::read($quote->getData(Code::COLUMN));
            if ($code !== null) {
                $quote->setData(Code::COLUMN, $code);
                $order->setData(Code::COLUMN, $code);
            }
        } catch (\Throwable $failure) {
            $this->log->failure('referral', $failure);
        }
    }
}
