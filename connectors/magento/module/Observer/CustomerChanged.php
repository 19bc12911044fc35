<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Observer;

use Magento\Framework\Event;

/**
 * A customer registered or was changed.
 */
class CustomerChanged extends AbstractChanged
{
    /** @inheritdoc */
    protected const ENTITY = 'customer';

    /** @inheritdoc */
    protected const EVENT = 'customer event';

    /**
     * @inheritdoc
     */
    protected function entityId(Event $event): string
    {
        return (string)$event->getData('customer_data_object')->getId();
    }
}
