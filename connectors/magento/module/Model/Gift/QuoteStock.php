<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Item;

/**
 * What the stock says of gifts. It never keeps a shopper from what he pays for.
 */
class QuoteStock
{
    /** Who brings errors of the stock upon lines and quotes. */
    private const ORIGIN = 'cataloginventory';

    /** A field of lines, never saved: too little of it is left. */
    private const SHORT = 'loyalty_bridge_short';

    /**
     * @param Mark $mark
     */
    public function __construct(private readonly Mark $mark)
    {
    }

    /**
     * Notes that the stock has something against a gift, and takes the errors off again.
     *
     * @param Item $gift
     * @return void
     */
    public function takeErrors(Item $gift): void
    {
        if ($this->isShort($gift)) {
            $gift->setData(self::SHORT, true);
            $gift->removeErrorInfosByParams(['origin' => self::ORIGIN]);
            $this->forgetErrors($gift->getQuote());
        } elseif ($gift->getData(self::SHORT)) {
            $gift->unsetData(self::SHORT); // there is enough again
        }
    }

    /**
     * Whether a gift can be had.
     *
     * @param Item $gift
     * @return bool
     */
    public function canBeHad(Item $gift): bool
    {
        return !$gift->getHasError() && !$gift->getData(self::SHORT);
    }

    /**
     * What the shopper pays for of the gift's own product, where too little of it is left: it may be the
     * gift that takes it.
     *
     * @param Quote $quote
     * @param Item $gift
     * @return Item[]
     */
    public function shortOf(Quote $quote, Item $gift): array
    {
        return !$quote->getHasError() ? [] : array_filter(
            $quote->getAllItems(),
            fn (Item $line): bool => (int)$line->getProductId() === (int)$gift->getProductId()
                && $this->isShort($line)
                && $this->mark->of($line) === ''
        );
    }

    /**
     * Whether they can be had now: their own errors go or come.
     *
     * @param Quote $quote
     * @param Item[] $lines
     * @return void
     */
    public function checkAgain(Quote $quote, array $lines): void
    {
        foreach ($lines as $line) {
            $line->clearMessage();
            $line->setQty($line->getQty());
        }
        $this->forgetErrors($quote);
    }

    /**
     * Errors of stock stay on the quote, where nobody would take them off any more.
     *
     * @param Quote $quote
     * @return void
     */
    public function forgetErrors(Quote $quote): void
    {
        if (!$quote->getHasError()) {
            return;
        }
        foreach ($quote->getItemsCollection() as $item) { // a cart that is being read knows no products yet
            if (!$item->isDeleted() && $this->isShort($item)) {
                return;
            }
        }
        $quote->removeErrorInfosByParams(null, ['origin' => self::ORIGIN]);
    }

    /**
     * Whether the stock has something against a line.
     *
     * @param Item $item
     * @return bool
     */
    private function isShort(Item $item): bool
    {
        return in_array(self::ORIGIN, array_column($item->getErrorInfos(), 'origin'), true);
    }
}
