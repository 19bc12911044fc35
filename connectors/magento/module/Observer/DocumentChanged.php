<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer;

use LoyaltyBridge\Loyalty\Model\Event\Outbox;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\DB\Adapter\DeadlockException;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * An invoice, a shipment or a credit memo of an order was made or changed.
 */
class DocumentChanged implements ObserverInterface
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
     * @throws DeadlockException the database took the whole transaction back, the document with it
     */
    public function execute(Observer $observer): void
    {
        try {
            $event = $observer->getEvent();
            $document = $event->getData('data_object');
            $this->outbox->put((string)$event->getName(), 'order', (string)$document->getOrderId());
        } catch (DeadlockException $lost) {
            throw $lost;
        } catch (\Throwable $failure) {
            $this->log->failure('document event', $failure);
        }
    }
}
