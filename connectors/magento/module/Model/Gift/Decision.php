<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

/**
 * Which gifts belong into a basket. Pure: no database, no clock.
 *
 * A basket is an array: net, gross, net_discount, gross_discount (decimal texts in the base currency,
 * of goods alone: without gifts and shipping; discounts above zero), currency, group, tier, now
 * (seconds since 1970), declined (keys of rules whose gift was taken out), lines (each with id, sku,
 * quantity, and gift: the key of the rule it says it is for, empty for goods).
 */
class Decision
{
    /** Digits behind the point of the numbers that are compared. */
    private const MILLIONTHS = 6;

    /**
     * What has to be done: rules to add, ids of lines to remove, quantities to set by id of line.
     *
     * @param array[] $rules as RuleStorage decodes them
     * @param array $basket
     * @return array{add: array[], remove: string[], fix: array<string, int>}
     */
    public function decide(array $rules, array $basket): array
    {
        $missing = [];
        foreach ($this->gifts($rules, $basket) as $rule) {
            $missing[$rule['key']] = $rule;
        }
        $remove = [];
        $fix = [];
        foreach ($basket['lines'] as $line) {
            if ($line['gift'] === '') {
                continue;
            }
            $rule = $missing[$line['gift']] ?? null;
            if ($rule === null || $this->name($rule['sku']) !== $this->name($line['sku'])) {
                $remove[] = (string)$line['id'];
                continue;
            }
            unset($missing[$line['gift']]);
            if ($this->millionths((string)$line['quantity']) !== $this->millionths((string)$rule['quantity'])) {
                $fix[$line['id']] = $rule['quantity'];
            }
        }
        return ['add' => array_values($missing), 'remove' => $remove, 'fix' => $fix];
    }

    /**
     * The rules whose gifts the basket gets. Of rules for one product the first that fits counts, the
     * lowest amount first.
     *
     * @param array[] $rules
     * @param array $basket
     * @return array[]
     */
    public function gifts(array $rules, array $basket): array
    {
        if (!$this->hasGoods($basket)) {
            return [];
        }
        usort($rules, fn (array $one, array $other): int => $this->place($one) <=> $this->place($other));
        $found = [];
        foreach ($rules as $rule) {
            if (!isset($found[$this->name($rule['sku'])]) && $this->fits($rule, $basket)) {
                $found[$this->name($rule['sku'])] = $rule;
            }
        }
        return array_values(array_filter(
            $found,
            static fn (array $rule): bool => !in_array($rule['key'], $basket['declined'], true)
        ));
    }

    /**
     * The rules that are declined from now on: those that were, and those whose gift was taken out by
     * hand though the basket is worth it. An emptied basket begins anew.
     *
     * @param array[] $rules
     * @param array $basket
     * @param string[] $removed keys of rules
     * @return string[]
     */
    public function declined(array $rules, array $basket, array $removed): array
    {
        if (!$this->hasGoods($basket)) {
            return [];
        }
        $given = array_column($this->gifts($rules, $basket), 'key');
        $declined = [...$basket['declined'], ...array_intersect($removed, $given)];
        return array_slice(array_values(array_unique($declined)), -RuleStorage::MOST);
    }

    /**
     * Whether there is anything in it that is paid for.
     *
     * @param array $basket
     * @return bool
     */
    private function hasGoods(array $basket): bool
    {
        return in_array('', array_column($basket['lines'], 'gift'), true);
    }

    /**
     * Whether the basket reaches what the rule asks for, and its buyer is meant.
     *
     * @param array $rule
     * @param array $basket
     * @return bool
     */
    private function fits(array $rule, array $basket): bool
    {
        return $rule['currency'] === $basket['currency']
            && $this->worth($rule, $basket) >= $this->rounded($this->millionths($rule['amount']))
            && ($rule['groups'] === [] || in_array($basket['group'], $rule['groups'], true))
            && ($rule['tiers'] === [] || in_array($basket['tier'], $rule['tiers'], true))
            && ($rule['from'] === null || $rule['from'] <= $basket['now'])
            && ($rule['until'] === null || $basket['now'] < $rule['until']);
    }

    /**
     * What the basket counts for this rule, in ten-thousandths.
     *
     * @param array $rule
     * @param array $basket
     * @return int
     */
    private function worth(array $rule, array $basket): int
    {
        $side = $rule['gross'] ? 'gross' : 'net';
        $worth = $this->millionths($basket[$side]);
        if ($rule['after_discounts']) {
            $worth -= $this->millionths($basket[$side . '_discount']);
        }
        return $this->rounded($worth);
    }

    /**
     * Where a rule stands among others.
     *
     * @param array $rule
     * @return array
     */
    private function place(array $rule): array
    {
        return [$this->millionths($rule['amount']), $rule['key']];
    }

    /**
     * To four places, as Magento's columns of money.
     *
     * @param int $millionths
     * @return int
     */
    private function rounded(int $millionths): int
    {
        return intdiv($millionths + ($millionths < 0 ? -50 : 50), 100);
    }

    /**
     * A decimal text without the error of floating numbers.
     *
     * @param string $number
     * @return int
     */
    private function millionths(string $number): int
    {
        [$whole, $part] = explode('.', $number . '.');
        $part = substr(str_pad($part, self::MILLIONTHS, '0'), 0, self::MILLIONTHS);
        return strlen($whole) > 13 ? intdiv(PHP_INT_MAX, 4) : (int)($whole . $part);
    }

    /**
     * A product's name: Magento's database knows no capitals in it.
     *
     * @param string $sku
     * @return string
     */
    private function name(string $sku): string
    {
        return mb_strtolower(trim($sku), 'UTF-8');
    }
}
