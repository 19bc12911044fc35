<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Gift\Decision;
use LoyaltyBridge\Loyalty\Model\Gift\RuleText;
use PHPUnit\Framework\TestCase;

/**
 * The sandbox's oracle is judged by the same table.
 */
class DecisionTest extends TestCase
{
    /**
     * @dataProvider examples
     */
    public function testExample(array $rules, array $basket, array $wanted): void
    {
        $text = new RuleText();
        $read = [];
        foreach ($rules as $key => $rule) {
            $read[] = $text->read((string)json_encode($rule), (string)$key);
        }
        $changes = (new Decision())->decide(array_filter($read), $basket);
        $changes['add'] = array_column($changes['add'], 'key');
        $this->assertSame($wanted, $changes);
    }

    public function examples(): iterable
    {
        $text = (string)file_get_contents(dirname(__DIR__) . '/gift_examples.json');
        foreach (json_decode($text, true, 32, JSON_THROW_ON_ERROR) as $example) {
            yield $example['name'] => [$example['rules'], $example['basket'], $example['wanted']];
        }
    }

    public function testTakingOutIsDecliningOnlyWhereItWouldHaveBeenGiven(): void
    {
        $rules = [Checkout::aRule()];
        $basket = ['net' => '100', 'gross' => '120', 'net_discount' => '0', 'gross_discount' => '0',
            'currency' => 'EUR', 'group' => '0', 'tier' => '', 'now' => 1, 'declined' => [],
            'lines' => [['id' => '1', 'sku' => 'GOODS', 'quantity' => '1', 'gift' => '']]];
        $decision = new Decision();
        $this->assertSame(['gift-mug'], $decision->declined($rules, $basket, ['gift-mug', 'gift-mug', 'forged']));
        $this->assertSame([], $decision->declined($rules, ['net' => '99'] + $basket, ['gift-mug']));
        $known = ['declined' => ['gift-mug']] + $basket;
        $this->assertSame(['gift-mug'], $decision->declined($rules, ['net' => '99'] + $known, []));
        $this->assertSame([], $decision->declined($rules, ['lines' => []] + $known, ['gift-mug']));
    }
}
