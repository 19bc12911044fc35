<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

use Magento\Quote\Model\Quote\Item;

/**
 * How a gift is known: an own option keeps its line apart from one that is paid for, the buy request
 * carries the mark into orders and back out of them, and a column is there for reports. None of them
 * makes anything free.
 */
class Mark
{
    /** The option, the field of the buy request, and the column. Holds the rule's key. */
    public const NAME = 'loyalty_bridge_gift';

    /** Column of the quote: a JSON list of the rules whose gift was taken out by hand. */
    public const DECLINED = 'loyalty_bridge_declined';

    /** The same of this request alone, not yet decided on. */
    public const REMOVED = 'loyalty_bridge_removed';

    /** The option in which Magento keeps the buy request. */
    private const REQUEST = 'info_buyRequest';

    /** As long as the column is. */
    private const LONGEST = 64;

    /**
     * The key of the rule that the line says it is for; empty: no gift.
     *
     * @param Item $item
     * @return string
     */
    public function of($item): string
    {
        $option = $item->getOptionByCode(self::NAME);
        $key = $option ? $option->getValue() : $item->getData(self::NAME);
        return $this->read($key);
    }

    /**
     * Whether nothing was chosen for the line: whoever forges the mark could have an engraving free, or
     * links to download, beside the product.
     *
     * @param Item $item
     * @return bool
     */
    public function isPlain($item): bool
    {
        foreach ($item->getOptions() as $option) {
            if (!in_array($option->getCode(), [self::NAME, self::REQUEST], true)) {
                return false;
            }
        }
        return true;
    }

    /**
     * A mark as somebody gave it; empty: that is none.
     *
     * @param mixed $value
     * @return string
     */
    public function read(mixed $value): string
    {
        if (!is_string($value) && !is_int($value)) {
            return '';
        }
        return strlen((string)$value) > self::LONGEST ? 'unknown' : (string)$value;
    }
}
