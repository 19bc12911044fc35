<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Gift\RuleText;
use PHPUnit\Framework\TestCase;

/**
 * Whatever stands in the module's tables and in the carts: no cart fails, and nobody gets or pays a gift
 * by it. The sandbox is judged by the same texts (malformed_rules.json).
 */
class MalformedTest extends TestCase
{
    private const GOODS = ['3 x GOODS = 150.00'];

    /**
     * @dataProvider texts
     */
    public function testARuleThatIsNoneGivesNothingAndLeavesNothingToPay(string $text): void
    {
        $this->assertNull((new RuleText())->read($text, 'gift-mug'));
        $shop = new Checkout();
        $shop->rule();
        $filled = $shop->put($shop->cart(), 'GOODS', 2);
        $this->assertNotNull($shop->gift($filled));
        $shop->tables->rows['loyalty_bridge_gift'][0]['rule'] = $text;
        $shop->forget();
        $this->assertSame(['2 x GOODS = 100.00'], $shop->shown($filled->order()));
        $this->assertSame(100.0, (float)$filled->getBaseSubtotal());
        $this->assertSame(self::GOODS, $shop->shown($shop->put($shop->cart(), 'GOODS', 3)));
        $this->assertSame([], $shop->logged);
    }

    public function texts(): iterable
    {
        $told = (string)file_get_contents(dirname(__DIR__) . '/malformed_rules.json');
        foreach (json_decode($told, true, 8, JSON_THROW_ON_ERROR) as $name => $text) {
            yield $name => [$text];
        }
    }

    public function testOneBrokenRuleTakesNoOtherWithIt(): void
    {
        $shop = new Checkout();
        foreach ($this->texts() as $name => [$text]) {
            $row = ['gift_key' => "gift-$name", 'website_id' => 1, 'rule' => $text, 'updated_at' => ''];
            $shop->tables->rows['loyalty_bridge_gift'][] = $row;
        }
        $shop->rule();
        $cart = $shop->put($shop->cart(), 'GOODS', 2);
        $this->assertSame(['1 x MUG = 0.00 (gift-mug)', '2 x GOODS = 100.00'], $shop->shown($cart));
        $this->assertSame([], $shop->logged);
    }

    /**
     * @dataProvider carts
     */
    public function testACartThatHoldsRubbishGoesOn(string $column, $value, bool $isGiven): void
    {
        $shop = new Checkout();
        $shop->rule();
        $cart = $shop->cart([$column => $value]);
        $shown = $shop->shown($shop->put($cart, 'GOODS', 3));
        $this->assertSame($isGiven ? ['1 x MUG = 0.00 (gift-mug)', ...self::GOODS] : self::GOODS, $shown);
        $this->assertSame([], $shop->logged);
    }

    public function carts(): iterable
    {
        foreach (['', '{', 'null', '7', '"gift-mug"', '[7, null, ["gift-mug"]]', '{"a": 1}'] as $text) {
            yield "taken out: $text" => [Mark::DECLINED, $text, true];
        }
        yield 'taken out as an object' => [Mark::DECLINED, '{"a": "gift-mug"}', false];
        yield 'several addresses' => ['is_multi_shipping', 1, false];
        yield 'no group' => ['customer_group_id', null, true];
        yield 'a group in words' => ['customer_group_id', 'all', true];
    }

    /**
     * A column is missing, the table is locked, or gone.
     */
    public function testATableThatCannotBeReadTakesTheGiftsWithItAndTheCartGoesOn(): void
    {
        $shop = new Checkout();
        $shop->rule();
        $cart = $shop->put($shop->cart(), 'GOODS', 2);
        unset($shop->tables->rows['loyalty_bridge_gift'][0]['website_id']);
        $shop->forget();
        $this->assertSame(self::GOODS, $shop->shown($shop->put($cart, 'GOODS')));
        $this->assertCount(1, $shop->logged);
    }
}
