<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\Quote;

use LoyaltyBridge\Loyalty\Model\Gift\Gifts;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Address\Total;
use Magento\Quote\Model\Quote\TotalsCollector;

/**
 * Gifts come and go whenever the totals of a cart are collected, by whatever door: REST, GraphQL, the
 * storefront, the admin's order form. The totals are collected once more only when lines changed.
 */
class CollectGifts
{
    /** By which the shop's rules are remembered for an address, with what was found out of them. */
    private const RULES = 'address_sales_rule_id';

    /** @var bool */
    private bool $isBusy = false;
    /** @var int */
    private int $begun = 0;

    /**
     * @param Gifts $gifts
     * @param Log $log
     */
    public function __construct(
        private readonly Gifts $gifts,
        private readonly Log $log
    ) {
    }

    /**
     * Around the collecting of all totals.
     *
     * @param TotalsCollector $subject
     * @param callable $proceed
     * @param Quote $quote
     * @return Total
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function aroundCollect(TotalsCollector $subject, callable $proceed, Quote $quote)
    {
        if ($this->isBusy) {
            return $proceed($quote);
        }
        $asked = $this->askedForRates($quote);
        $total = $proceed($quote);
        $this->isBusy = true;
        try {
            return $this->settled($quote) ? $this->again($proceed, $quote, $asked) : $total;
        } finally {
            $this->isBusy = false;
        }
    }

    /**
     * Whether lines changed. What fails takes the gifts with it: none may be left at a price.
     *
     * @param Quote $quote
     * @return bool
     */
    private function settled(Quote $quote): bool
    {
        try {
            return $this->gifts->settle($quote);
        } catch (\Throwable $failure) {
            $this->log->failure('gifts', $failure);
            $this->removeAll($quote);
            return true;
        }
    }

    /**
     * The totals with the changed lines; without any gift where one of them does not work.
     *
     * @param callable $proceed
     * @param Quote $quote
     * @param bool[] $asked
     * @return Total
     */
    private function again(callable $proceed, Quote $quote, array $asked)
    {
        try {
            $this->begin($quote, $asked);
            $total = $proceed($quote);
            if ($this->gifts->areFree($quote)) {
                $this->keep($quote);
                return $total;
            }
            $this->log->say('gifts', 'a gift would cost something (tax on original prices, a fixed product '
                . 'tax, or another module): it is not given');
        } catch (\Throwable $failure) {
            if (!$this->removeAll($quote)) {
                throw $failure; // the shop's own
            }
            $this->log->failure('gifts', $failure);
        }
        $this->removeAll($quote);
        $this->begin($quote, $asked);
        return $proceed($quote);
    }

    /**
     * A cart whose totals are collected need not be saved afterwards: the page of the checkout fails over
     * a line without an id, and an order is made of lines by their ids. Raises nothing.
     *
     * @param Quote $quote
     * @return void
     */
    private function keep(Quote $quote): void
    {
        try {
            $this->gifts->keepNew($quote);
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, keeping them', $failure);
        }
    }

    /**
     * Takes all gifts out. Raises nothing.
     *
     * @param Quote $quote
     * @return bool whether there were any
     */
    private function removeAll(Quote $quote): bool
    {
        try {
            return $this->gifts->removeAll($quote);
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, taking them out', $failure);
            return false;
        }
    }

    /**
     * Addresses remember their lines, rules are only ever added to those applied, and shipping rates
     * are asked for once: all of it was of the lines before. So is what the shop keeps for the rest of the
     * request of each rule and of the code: with a line that was taken out the cart may have been worth them.
     *
     * @param Quote $quote
     * @param bool[] $asked
     * @return void
     */
    private function begin(Quote $quote, array $asked): void
    {
        $quote->setAppliedRuleIds('');
        $quote->setCartFixedRules([]);
        foreach ($quote->getAllAddresses() as $address) {
            $address->unsetData('cached_items_all');
            $address->unsetData('coupon_code');
            $address->unsetData('discount_description_array'); // labels are only ever added to it
            $address->setData(self::RULES, sprintf('%s-again%d', $address->getData(self::RULES), ++$this->begun));
            $address->setAppliedRuleIds('');
            if (!empty($asked[spl_object_id($address)])) {
                $address->setCollectShippingRates(true);
            }
        }
    }

    /**
     * For which addresses shipping rates are to be found out. Raises nothing.
     *
     * @param Quote $quote
     * @return bool[] by the id of the object
     */
    private function askedForRates(Quote $quote): array
    {
        $asked = [];
        try {
            foreach ($quote->getAllAddresses() as $address) {
                $asked[spl_object_id($address)] = (bool)$address->getCollectShippingRates();
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, rates', $failure);
        }
        return $asked;
    }
}
