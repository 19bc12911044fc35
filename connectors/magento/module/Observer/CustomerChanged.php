<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer;

use LoyaltyBridge\Loyalty\Model\Event\Outbox;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\DB\Adapter\DeadlockException;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A customer registered or was changed.
 */
class CustomerChanged implements ObserverInterface
{
    /**
     * @param Outbox $outbox
     * @param Log $log
     */
    public function __construct(
        private readonly Outbox $outbox,
        private readonly Log $log
    ) {
    }

    /**
     * Puts the event down.
     *
     * @param Observer $observer
     * @return void
     * @throws DeadlockException the database took the whole transaction back, the customer with it
     */
    public function execute(Observer $observer): void
    {
        try {
            $event = $observer->getEvent();
            $customer = $event->getData('customer_data_object');
            $this->outbox->put((string)$event->getName(), 'customer', (string)$customer->getId());
        } catch (DeadlockException $lost) {
            throw $lost;
        } catch (\Throwable $failure) {
            $this->log->failure('customer event', $failure);
        }
    }
}
