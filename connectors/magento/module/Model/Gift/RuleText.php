<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

/**
 * Reads the text of a gift rule. What is not understood in every point gives nothing.
 */
class RuleText
{
    private const LONGEST_KEY = 64;
    private const DEEPEST = 32;
    private const AMOUNT = '/^\d{1,12}(\.\d{1,6})?$/D';
    private const CURRENCY = '/^[A-Z]{3}$/D';

    /**
     * The rule, decoded; null: not understood.
     *
     * @param string $text
     * @param string $key the key it is kept under
     * @return array|null
     */
    public function read(string $text, string $key): ?array
    {
        // Objects stay objects: an empty one that is to be a list would mean everybody.
        $told = json_decode($text, false, self::DEEPEST);
        $rule = $told instanceof \stdClass ? (array)$told : [];
        if (($rule['v'] ?? null) !== 1 || ($rule['key'] ?? null) !== $key) {
            return null;
        }
        $isRead = $this->isWhat($rule) && $this->isFrom($rule) && $this->isWhom($rule) && $this->isWhen($rule);
        return $isRead ? $rule : null;
    }

    /**
     * What comes free.
     *
     * @param array $rule
     * @return bool
     */
    private function isWhat(array $rule): bool
    {
        $quantity = $rule['quantity'] ?? null;
        return $this->isText($rule['key'] ?? null, self::LONGEST_KEY)
            && $this->isText($rule['sku'] ?? null, self::LONGEST_KEY)
            && is_int($quantity)
            && $quantity >= 1
            && $quantity <= 99;
    }

    /**
     * From which value of an order.
     *
     * @param array $rule
     * @return bool
     */
    private function isFrom(array $rule): bool
    {
        return is_string($rule['amount'] ?? null)
            && preg_match(self::AMOUNT, $rule['amount'])
            && is_string($rule['currency'] ?? null)
            && preg_match(self::CURRENCY, $rule['currency'])
            && is_bool($rule['gross'] ?? null)
            && is_bool($rule['after_discounts'] ?? null);
    }

    /**
     * For whom.
     *
     * @param array $rule
     * @return bool
     */
    private function isWhom(array $rule): bool
    {
        foreach (['groups', 'tiers'] as $name) {
            $keys = $rule[$name] ?? null;
            if (!is_array($keys) || array_filter($keys, 'is_string') !== $keys || !array_is_list($keys)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Since when and how long.
     *
     * @param array $rule
     * @return bool
     */
    private function isWhen(array $rule): bool
    {
        foreach (['from', 'until'] as $name) {
            if (!array_key_exists($name, $rule) || ($rule[$name] !== null && !is_int($rule[$name]))) {
                return false;
            }
        }
        return true;
    }

    /**
     * A text that says something.
     *
     * @param mixed $value
     * @param int $longest
     * @return bool
     */
    private function isText(mixed $value, int $longest): bool
    {
        return is_string($value) && trim($value) !== '' && strlen($value) <= $longest;
    }
}
