<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin;

use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Sales\Api\Data\OrderExtensionFactory;
use Magento\Sales\Api\Data\OrderInterface;
use Magento\Sales\Api\Data\OrderItemExtensionFactory;
use Magento\Sales\Api\Data\OrderItemInterface;
use Magento\Sales\Api\Data\OrderSearchResultInterface;
use Magento\Sales\Api\OrderRepositoryInterface;

/**
 * Shows in REST who referred the buyer, and which lines are gifts. Both are columns that are loaded anyway.
 */
class OrderMarks
{
    /**
     * @param OrderExtensionFactory $orderExtensionFactory
     * @param OrderItemExtensionFactory $itemExtensionFactory
     * @param Log $log
     */
    public function __construct(
        private readonly OrderExtensionFactory $orderExtensionFactory,
        private readonly OrderItemExtensionFactory $itemExtensionFactory,
        private readonly Log $log
    ) {
    }

    /**
     * One order.
     *
     * @param OrderRepositoryInterface $subject
     * @param OrderInterface $result
     * @return OrderInterface
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function afterGet(OrderRepositoryInterface $subject, $result)
    {
        $this->mark($result);
        return $result;
    }

    /**
     * Several orders.
     *
     * @param OrderRepositoryInterface $subject
     * @param OrderSearchResultInterface $result
     * @return OrderSearchResultInterface
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function afterGetList(OrderRepositoryInterface $subject, $result)
    {
        foreach ($result->getItems() as $order) {
            $this->mark($order);
        }
        return $result;
    }

    /**
     * Copies the columns; an order is shown whatever happens.
     *
     * @param OrderInterface $order
     * @return void
     */
    private function mark($order): void
    {
        try {
            $referral = (string)$order->getData('loyalty_bridge_referral');
            if ($referral !== '') {
                $extension = $order->getExtensionAttributes() ?? $this->orderExtensionFactory->create();
                $extension->setLoyaltyBridgeReferral($referral);
                $order->setExtensionAttributes($extension);
            }
            foreach ($order->getItems() ?? [] as $item) {
                $this->markItem($item);
            }
        } catch (\Throwable $failure) {
            $this->log->failure('order marks', $failure);
        }
    }

    /**
     * The rule a gift line came by.
     *
     * @param OrderItemInterface $item
     * @return void
     */
    private function markItem($item): void
    {
        $gift = (string)$item->getData('loyalty_bridge_gift');
        if ($gift === '') {
            return;
        }
        $extension = $item->getExtensionAttributes() ?? $this->itemExtensionFactory->create();
        $extension->setLoyaltyBridgeGift($gift);
        $item->setExtensionAttributes($extension);
    }
}
