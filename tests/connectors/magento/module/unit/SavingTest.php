<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Saving;
use PHPUnit\Framework\TestCase;

class SavingTest extends TestCase
{
    /**
     * @return array[] single price, price of one of many, saved amount and percent or null
     */
    public static function examples(): array
    {
        return [
            'a tenth' => [10.0, 9.0, 1.0, 10.0],
            'percent as Magento rounds it' => [19.99, 17.49, 2.5, 13.0],
            'below one percent a place is kept' => [100.0, 99.6, 0.4, 0.4],
            'one cent' => [0.02, 0.01, 0.01, 50.0],
            'for nothing' => [10.0, 0.0, 10.0, 100.0],
            'the third place of tax does not show' => [11.899, 10.709, 1.19, 10.0],
            'less than a cent is none' => [10.0, 9.996, null, null],
            'the same price' => [10.0, 10.0, null, null],
            'dearer' => [10.0, 11.0, null, null],
            'no price for one' => [0.0, -1.0, null, null],
            'a price below zero' => [10.0, -1.0, null, null],
        ];
    }

    /**
     * @dataProvider examples
     */
    public function testWhatIsSaved(float $single, float $price, ?float $amount, ?float $percent): void
    {
        $saving = Saving::of($single, $price);

        $this->assertSame([$amount, $percent], [$saving?->amount, $saving?->percent]);
    }
}
