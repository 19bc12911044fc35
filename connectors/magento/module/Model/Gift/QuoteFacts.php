<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Clock;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Item;

/**
 * A quote whose totals were collected, as Decision reads it.
 */
class QuoteFacts
{
    /**
     * @param BalanceStorage $balances
     * @param Clock $clock
     * @param Mark $mark
     */
    public function __construct(
        private readonly BalanceStorage $balances,
        private readonly Clock $clock,
        private readonly Mark $mark
    ) {
    }

    /**
     * The basket; its lines' ids are those of the objects, as new lines have no other. A gift for which
     * something was chosen is no product of any rule.
     *
     * @param Quote $quote
     * @param array[] $rules
     * @param Item[] $goods
     * @param Item[] $gifts
     * @return array
     */
    public function of(Quote $quote, array $rules, array $goods, array $gifts): array
    {
        $lines = [];
        foreach ([...$goods, ...$gifts] as $item) {
            $key = $this->mark->of($item);
            $lines[] = [
                'id' => (string)spl_object_id($item),
                'sku' => $key === '' || $this->mark->isPlain($item) ? (string)$item->getSku() : '',
                'quantity' => $this->text((float)$item->getQty()),
                'gift' => $key,
            ];
        }
        return $this->amounts($goods) + [
            'currency' => (string)$quote->getStore()->getBaseCurrencyCode(),
            'group' => (string)$quote->getCustomerGroupId(),
            'tier' => $this->tier($quote, $rules),
            'now' => $this->clock->now(),
            'declined' => $this->declined($quote),
            'lines' => $lines,
        ];
    }

    /**
     * The rules whose gift was taken out of this basket by hand.
     *
     * @param Quote $quote
     * @return string[]
     */
    public function declined(Quote $quote): array
    {
        $keys = json_decode((string)$quote->getData(Mark::DECLINED), true);
        return is_array($keys) ? array_values(array_filter($keys, 'is_string')) : [];
    }

    /**
     * What the goods are worth before and after discounts (Magento's own arithmetic: what is paid
     * without tax is row - discount + discount tax compensation).
     *
     * @param Item[] $goods
     * @return string[]
     */
    private function amounts(array $goods): array
    {
        $net = $gross = $paidNet = $paidGross = 0.0;
        foreach ($this->priced($goods) as $item) {
            $row = (float)$item->getBaseRowTotal();
            $paid = $row - (float)$item->getBaseDiscountAmount()
                + (float)$item->getData('base_discount_tax_compensation_amount');
            $net += $row;
            $gross += (float)$item->getData('base_row_total_incl_tax');
            $paidNet += $paid;
            $paidGross += $paid + (float)$item->getData('base_tax_amount');
        }
        return [
            'net' => $this->text($net),
            'gross' => $this->text($gross),
            'net_discount' => $this->text($net - $paidNet),
            'gross_discount' => $this->text($gross - $paidGross),
        ];
    }

    /**
     * The lines that bear amounts: a bundle priced by its parts has them in its parts.
     *
     * @param Item[] $goods
     * @return Item[]
     */
    private function priced(array $goods): array
    {
        $found = [];
        foreach ($goods as $item) {
            $children = $item->getHasChildren() && $item->isChildrenCalculated() ? $item->getChildren() : [$item];
            foreach ($children as $child) {
                if (!$child->isDeleted()) {
                    $found[] = $child;
                }
            }
        }
        return $found;
    }

    /**
     * The buyer's tier, where a rule asks for one.
     *
     * @param Quote $quote
     * @param array[] $rules
     * @return string
     */
    private function tier(Quote $quote, array $rules): string
    {
        $customerId = (int)$quote->getCustomerId();
        if ($customerId === 0 || array_filter(array_column($rules, 'tiers')) === []) {
            return '';
        }
        $balance = $this->balances->of($customerId);
        return $balance === null ? '' : $balance->tierKey;
    }

    /**
     * A number without noise and exponent.
     *
     * @param float $number
     * @return string
     */
    private function text(float $number): string
    {
        return sprintf('%.6F', $number);
    }
}
