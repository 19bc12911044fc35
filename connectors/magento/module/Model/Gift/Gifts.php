<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Framework\App\Area;
use Magento\Framework\App\State;
use Magento\Framework\Exception\LocalizedException;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Item;

/**
 * Makes the gift lines of a quote those that its rules give.
 */
class Gifts
{
    /** What is less than this is noise. */
    private const NOTHING = 0.00005;

    /** What a line can cost: its price, the tax on it, a fixed product tax. */
    private const COSTS = ['base_row_total', 'base_tax_amount', 'base_weee_tax_applied_row_amnt'];

    /**
     * @param Settings $settings
     * @param RuleStorage $rules
     * @param Decision $decision
     * @param QuoteFacts $facts
     * @param QuoteLines $lines
     * @param QuoteStock $stock
     * @param State $state
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly RuleStorage $rules,
        private readonly Decision $decision,
        private readonly QuoteFacts $facts,
        private readonly QuoteLines $lines,
        private readonly QuoteStock $stock,
        private readonly State $state
    ) {
    }

    /**
     * To be called after the totals were collected. True: lines changed, collect them again.
     *
     * @param Quote $quote
     * @return bool
     */
    public function settle(Quote $quote): bool
    {
        if ($this->isOrdered($quote)) {
            return false;
        }
        $rules = $this->rulesFor($quote);
        if ($rules === []) {
            return $this->removeAll($quote);
        }
        $goods = $this->lines->goods($quote);
        $basket = $this->basket($quote, $rules);
        $basket['declined'] = $this->noteDeclined($quote, $rules, $basket);
        $changes = $this->decision->decide($rules, $basket);
        $isVirtual = $this->lines->areVirtual($goods);
        $isChanged = $this->remove($quote, $changes['remove']);
        $isChanged = $this->keep($quote, $rules, $isVirtual) || $isChanged;
        foreach ($changes['add'] as $rule) {
            $isChanged = $this->lines->add($quote, $rule, $isVirtual) || $isChanged;
        }
        return $isChanged;
    }

    /**
     * Whether the gifts that are there may stay as they are.
     *
     * @param Quote $quote
     * @return bool
     */
    public function isSettled(Quote $quote): bool
    {
        $gifts = $this->lines->gifts($quote);
        if ($gifts === []) {
            return true;
        }
        if ($quote->getHasError() || array_filter($gifts, [$this->stock, 'canBeHad']) !== $gifts) {
            return false;
        }
        $rules = $this->rulesFor($quote);
        $changes = $this->decision->decide($rules, $this->basket($quote, $rules));
        return $changes['remove'] === [] && $changes['fix'] === [];
    }

    /**
     * Takes out everything that says it is a gift. True: there was something.
     *
     * @param Quote $quote
     * @return bool
     */
    public function removeAll(Quote $quote): bool
    {
        $gifts = $this->lines->gifts($quote);
        foreach ($gifts as $item) {
            $this->lines->remove($quote, $item);
        }
        return $gifts !== [];
    }

    /**
     * Whether no gift costs anything, as the totals say. A shop may tax original prices, put a fixed
     * tax on a product, or have another module that sets prices.
     *
     * @param Quote $quote
     * @return bool
     */
    public function areFree(Quote $quote): bool
    {
        foreach ($this->lines->gifts($quote) as $item) {
            foreach (self::COSTS as $cost) {
                if (abs((float)$item->getData($cost)) > self::NOTHING) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Saves gifts that are new in a cart that is saved already. Where goods are new as well the cart is about
     * to be saved, and they come first in it.
     *
     * @param Quote $quote
     * @return void
     */
    public function keepNew(Quote $quote): void
    {
        $isNew = static fn (Item $item): bool => !$item->getId();
        if (!$quote->getId() || array_filter($this->lines->goods($quote), $isNew) !== []) {
            return;
        }
        foreach (array_filter($this->lines->gifts($quote), $isNew) as $gift) {
            $gift->save();
        }
    }

    /**
     * An order was made of it. The admin's own baskets are never active.
     *
     * @param Quote $quote
     * @return bool
     */
    private function isOrdered(Quote $quote): bool
    {
        $isActive = $quote->getData('is_active');
        if ($isActive === null || (bool)$isActive) {
            return false; // a new quote does not say
        }
        try {
            return $this->state->getAreaCode() !== Area::AREA_ADMINHTML;
        } catch (LocalizedException $unknown) {
            return true;
        }
    }

    /**
     * None for a basket that goes to several addresses: there each line is shared out with a quantity.
     *
     * @param Quote $quote
     * @return array[]
     */
    private function rulesFor(Quote $quote): array
    {
        if (!$this->settings->isActive() || $quote->getIsMultiShipping()) {
            return [];
        }
        return $this->rules->ofWebsite((int)$quote->getStore()->getWebsiteId());
    }

    /**
     * The quote as Decision reads it.
     *
     * @param Quote $quote
     * @param array[] $rules
     * @return array
     */
    private function basket(Quote $quote, array $rules): array
    {
        return $this->facts->of($quote, $rules, $this->lines->goods($quote), $this->lines->gifts($quote));
    }

    /**
     * What the shopper took out by himself is not put in again.
     *
     * @param Quote $quote
     * @param array[] $rules
     * @param array $basket
     * @return string[]
     */
    private function noteDeclined(Quote $quote, array $rules, array $basket): array
    {
        $removed = (array)$quote->getData(Mark::REMOVED);
        $quote->unsetData(Mark::REMOVED);
        $declined = $this->decision->declined($rules, $basket, $removed);
        if ($declined !== $basket['declined']) {
            $quote->setData(Mark::DECLINED, $declined === [] ? null : json_encode($declined, JSON_THROW_ON_ERROR));
        }
        return $declined;
    }

    /**
     * Takes lines out by the ids that QuoteFacts gave them.
     *
     * @param Quote $quote
     * @param string[] $ids
     * @return bool
     */
    private function remove(Quote $quote, array $ids): bool
    {
        foreach ($this->lines->gifts($quote) as $id => $item) {
            if (in_array((string)$id, $ids, true)) {
                $this->lines->remove($quote, $item);
            }
        }
        return $ids !== [];
    }

    /**
     * Sees to the gifts that stay; those that cannot be had any more go.
     *
     * @param Quote $quote
     * @param array[] $rules
     * @param bool $isVirtual
     * @return bool whether anything changed
     */
    private function keep(Quote $quote, array $rules, bool $isVirtual): bool
    {
        $byKey = array_column($rules, null, 'key');
        $isChanged = false;
        foreach ($this->lines->gifts($quote) as $item) {
            $rule = $byKey[$this->lines->key($item)];
            if (!$this->lines->isFree($item, $rule)) {
                $this->lines->makeFree($item, $rule);
                $isChanged = true;
            }
            $short = $this->stock->shortOf($quote, $item);
            $cannotBe = !$this->stock->canBeHad($item) || ($isVirtual && !$this->lines->isVirtual($item->getProduct()));
            if ($cannotBe || $short !== []) {
                $this->lines->remove($quote, $item);
                $this->stock->checkAgain($quote, $short);
                $isChanged = true;
            }
        }
        return $isChanged;
    }
}
