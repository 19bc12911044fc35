<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

/**
 * What one piece costs less when more are bought.
 */
class Saving
{
    /**
     * @param float $amount per piece, rounded to cents
     * @param float $percent of the price of a single piece: whole, below 1 with one place
     */
    private function __construct(
        public readonly float $amount,
        public readonly float $percent
    ) {
    }

    /**
     * The saving; null where there is none worth a cent.
     *
     * @param float $single the price of a single piece, as the page shows it
     * @param float $price the price of one of many, likewise
     * @return self|null
     */
    public static function of(float $single, float $price): ?self
    {
        $amount = round($single - $price, 2);
        if ($single <= 0 || $price < 0 || $amount <= 0) {
            return null;
        }
        $percent = 100 * ($single - $price) / $single;
        return new self($amount, round($percent, $percent < 1 ? 1 : 0));
    }
}
