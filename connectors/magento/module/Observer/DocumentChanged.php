<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer;

use Magento\Framework\Event;

/**
 * An invoice, a shipment or a credit memo of an order was made or changed.
 */
class DocumentChanged extends AbstractChanged
{
    /** @inheritdoc */
    protected const ENTITY = 'order';

    /** @inheritdoc */
    protected const EVENT = 'document event';

    /**
     * @inheritdoc
     */
    protected function entityId(Event $event): string
    {
        return (string)$event->getData('data_object')->getOrderId();
    }
}
