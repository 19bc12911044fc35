<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\Quote;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Address\FreeShippingInterface;

/**
 * A gift costs no shipping. It is not shown to the rules: a line without discount would take free
 * shipping from the whole cart.
 */
class GiftsShipFree
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
     * Around the rules of free shipping.
     *
     * @param FreeShippingInterface $subject
     * @param callable $proceed
     * @param Quote $quote
     * @param array $items
     * @return bool
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function aroundIsFreeShipping(FreeShippingInterface $subject, callable $proceed, Quote $quote, $items)
    {
        $gifts = $this->gifts($items);
        if ($gifts === []) {
            return $proceed($quote, $items);
        }
        $isGift = static fn ($item): bool => in_array($item, $gifts, true);
        $result = $proceed($quote, array_values(array_filter($items, static fn ($item): bool => !$isGift($item))));
        foreach ($gifts as $item) {
            $item->setFreeShipping(true);
        }
        return $result;
    }

    /**
     * The gifts among these lines, once they are free. Raises nothing.
     *
     * @param mixed $items
     * @return array
     */
    private function gifts($items): array
    {
        $found = [];
        try {
            foreach (is_array($items) ? $items : [] as $item) {
                $price = $item->getData('custom_price');
                if ($this->mark->of($item) !== '' && is_numeric($price) && (float)$price === 0.0) {
                    $found[] = $item;
                }
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, shipping', $failure);
            return [];
        }
        return $found;
    }
}
