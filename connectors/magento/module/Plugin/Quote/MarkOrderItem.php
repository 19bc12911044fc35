<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\Quote;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Quote\Model\Quote\Item\ToOrderItem;
use Magento\Sales\Api\Data\OrderItemInterface;

/**
 * The order's line says which rule gave it.
 */
class MarkOrderItem
{
    /**
     * @param Mark $mark
     * @param Log $log
     */
    public function __construct(
        private readonly Mark $mark,
        private readonly Log $log
    ) {
    }

    /**
     * After a line of a cart became one of an order. Only what costs nothing is marked.
     *
     * @param ToOrderItem $subject
     * @param OrderItemInterface $result
     * @param mixed $item a line of the cart, or of one of its addresses
     * @return OrderItemInterface
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function afterConvert(ToOrderItem $subject, $result, $item)
    {
        try {
            $key = $this->mark->read($item->getData(Mark::NAME));
            if ($key !== '' && (float)$item->getData('base_row_total') === 0.0) {
                $result->setData(Mark::NAME, $key);
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, orders', $failure);
        }
        return $result;
    }
}
