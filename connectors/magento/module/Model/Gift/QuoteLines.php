<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

use Magento\Catalog\Api\ProductRepositoryInterface;
use Magento\Catalog\Model\Product;
use Magento\Framework\DataObject;
use Magento\Framework\Exception\LocalizedException;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Item;

/**
 * Gift lines of a quote: found, put in, made free, taken out. Saves nothing: whoever collects the
 * totals saves the quote.
 */
class QuoteLines
{
    /** Others cannot be put in without a choice of the shopper. */
    private const TYPES = ['simple', 'virtual'];

    /**
     * @param ProductRepositoryInterface $products
     * @param Mark $mark
     * @param QuoteStock $stock
     */
    public function __construct(
        private readonly ProductRepositoryInterface $products,
        private readonly Mark $mark,
        private readonly QuoteStock $stock
    ) {
    }

    /**
     * Lines that say they are gifts, by the id of their object; whoever put them in.
     *
     * @param Quote $quote
     * @return Item[]
     */
    public function gifts(Quote $quote): array
    {
        return $this->visible($quote, true);
    }

    /**
     * All other lines, without the parts of bundles and variants.
     *
     * @param Quote $quote
     * @return Item[]
     */
    public function goods(Quote $quote): array
    {
        return $this->visible($quote, false);
    }

    /**
     * The rule that a line says it is a gift of; empty: no gift.
     *
     * @param Item $item
     * @return string
     */
    public function key(Item $item): string
    {
        return $this->mark->of($item);
    }

    /**
     * Puts a rule's gift in, free. False: it cannot be had at this moment.
     *
     * @param Quote $quote
     * @param array $rule
     * @param bool $isVirtual whether the basket needs no shipping
     * @return bool
     */
    public function add(Quote $quote, array $rule, bool $isVirtual): bool
    {
        $before = iterator_to_array($quote->getItemsCollection(), false);
        try {
            $product = $this->product($quote, $rule, $isVirtual);
            $request = new DataObject(['qty' => $rule['quantity'], Mark::NAME => $rule['key']]);
            $item = $product === null ? null : $quote->addProduct($product, $request);
        } catch (LocalizedException $refusal) {
            $item = null; // not there, sold out, less than the least that can be bought
        }
        if ($item instanceof Item && $this->isOurs($item, $rule)) {
            $this->makeFree($item, $rule);
            return true;
        }
        foreach ($this->gifts($quote) as $left) {
            if (!$left->getId() && $this->key($left) === $rule['key']) {
                $this->remove($quote, $left);
            }
        }
        $this->putBack($quote, $before);
        $this->stock->forgetErrors($quote);
        return false;
    }

    /**
     * Whether the line costs nothing, is discounted by nobody and has the rule's quantity.
     *
     * @param Item $item
     * @param array $rule
     * @return bool
     */
    public function isFree(Item $item, array $rule): bool
    {
        return $this->isZero($item->getData('custom_price'))
            && $this->isZero($item->getData('original_custom_price'))
            && (bool)$item->getData('no_discount')
            && (string)$item->getData(Mark::NAME) === $rule['key']
            && (float)$item->getQty() === (float)$rule['quantity'];
    }

    /**
     * Makes it so.
     *
     * @param Item $item
     * @param array $rule
     * @return void
     */
    public function makeFree(Item $item, array $rule): void
    {
        if ((float)$item->getQty() !== (float)$rule['quantity']) {
            $item->clearMessage();
            $item->setQty($rule['quantity']);
        }
        $item->setCustomPrice(0.0);
        $item->setOriginalCustomPrice(0.0);
        $item->setTaxCalculationPrice(null); // the price it had when totals were collected before
        $item->setBaseTaxCalculationPrice(null);
        $item->setNoDiscount(1);
        $item->setData(Mark::NAME, $rule['key']);
    }

    /**
     * Takes a line out, and with it the errors that it alone brought upon the quote. Not by the quote's
     * removeItem(): that ends shipping to several addresses, and deleteItem() knows a line that is not
     * saved yet by comparing it with others.
     *
     * @param Quote $quote
     * @param Item $item
     * @return void
     */
    public function remove(Quote $quote, Item $item): void
    {
        foreach ([$item, ...$item->getChildren()] as $line) {
            $line->isDeleted(true);
            foreach ($quote->getItemsCollection() as $key => $one) {
                if ($one === $line && !$line->getId()) {
                    $quote->getItemsCollection()->removeItemByKey($key);
                }
            }
        }
        $this->removeFromAddresses($quote, $item);
        $this->stock->forgetErrors($quote);
    }

    /**
     * Whether the basket holds nothing that must be sent.
     *
     * @param Item[] $goods
     * @return bool
     */
    public function areVirtual(array $goods): bool
    {
        foreach ($goods as $item) {
            if (!$this->isVirtual($item->getProduct())) {
                return false;
            }
        }
        return $goods !== [];
    }

    /**
     * Whether a product is not sent.
     *
     * @param Product|null $product
     * @return bool
     */
    public function isVirtual(?Product $product): bool
    {
        return $product !== null && (bool)$product->getIsVirtual();
    }

    /**
     * Whether a line that was put in became the rule's gift and nothing else.
     *
     * @param Item $item
     * @param array $rule
     * @return bool
     */
    private function isOurs(Item $item, array $rule): bool
    {
        return $this->key($item) === $rule['key'] && $this->mark->isPlain($item) && $this->stock->canBeHad($item);
    }

    /**
     * What cannot be had the shop takes out again by comparing lines, in some releases by article numbers
     * alone: with the gift went what the shopper pays for.
     *
     * @param Quote $quote
     * @param Item[] $before
     * @return void
     */
    private function putBack(Quote $quote, array $before): void
    {
        $there = iterator_to_array($quote->getItemsCollection(), false);
        foreach ($before as $item) {
            if (!in_array($item, $there, true)) {
                $quote->getItemsCollection()->addItem($item);
            }
        }
    }

    /**
     * The rule's product, with its mark; null: it is none that can be given to this basket.
     *
     * @param Quote $quote
     * @param array $rule
     * @param bool $isVirtual
     * @return Product|null
     */
    private function product(Quote $quote, array $rule, bool $isVirtual): ?Product
    {
        // The repository keeps its objects: a mark on one would cling to what the shopper buys later.
        $product = clone $this->products->get($rule['sku'], false, (int)$quote->getStoreId());
        $isGiven = in_array($product->getTypeId(), self::TYPES, true)
            && in_array((int)$quote->getStore()->getWebsiteId(), array_map('intval', $product->getWebsiteIds()), true)
            && (!$isVirtual || $this->isVirtual($product));
        if (!$isGiven) {
            return null;
        }
        // Nor may it have what the shopper chose a moment ago, or be part of what he bought.
        $product->setCustomOptions([]);
        $product->unsetData('parent_product_id');
        $product->addCustomOption(Mark::NAME, $rule['key']);
        return $product;
    }

    /**
     * Lines that are not part of another.
     *
     * @param Quote $quote
     * @param bool $isGift
     * @return Item[]
     */
    private function visible(Quote $quote, bool $isGift): array
    {
        $found = [];
        foreach ($quote->getAllVisibleItems() as $item) {
            if (($this->key($item) !== '') === $isGift) {
                $found[spl_object_id($item)] = $item;
            }
        }
        return $found;
    }

    /**
     * With several addresses each has lines of its own.
     *
     * @param Quote $quote
     * @param Item $item
     * @return void
     */
    private function removeFromAddresses(Quote $quote, Item $item): void
    {
        if (!$quote->getIsMultiShipping() || !$item->getId()) {
            return;
        }
        foreach ($quote->getAllAddresses() as $address) {
            foreach ($address->getItemsCollection() as $line) {
                if ((int)$line->getQuoteItemId() === (int)$item->getId()) {
                    $line->isDeleted(true);
                }
            }
        }
    }

    /**
     * Said to be nothing, not merely not said.
     *
     * @param mixed $price
     * @return bool
     */
    private function isZero(mixed $price): bool
    {
        return is_numeric($price) && (float)$price === 0.0;
    }
}
