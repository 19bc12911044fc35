<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use Magento\Framework\DataObject;

/**
 * Every door by which a shopper could have something free that no rule gives him, or points, and what
 * is behind it. Vouchers' doors are tried in VouchersTest as well, and the sandbox's in Python.
 */
class DoorsTest extends Till
{
    private Checkout $shop;

    protected function setUp(): void
    {
        parent::setUp();
        $this->shop = new Checkout();
        $this->shop->product('GOLD', 4, 900.0);
        $this->shop->rule();
    }

    /**
     * @dataProvider doorsOfCarts
     */
    public function testCart(callable $through, array $free): void
    {
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $cart = $through($this->shop, $cart) ?? $cart;
        $found = [];
        foreach ($cart->getAllVisibleItems() as $item) {
            $price = $item->getProduct()->getData('price') * $item->getQty();
            if (abs($price - $item->getBaseRowTotal()) > 0.001) {
                $found[] = sprintf('%g x %s', $item->getQty(), $item->getSku());
            }
        }
        $this->assertSame($free, $found);
        foreach ($cart->getAllVisibleItems() as $item) {
            $this->assertTrue((float)$item->getBaseRowTotal() > 0 || $this->shop->mark->isPlain($item));
        }
        $this->assertSame([], $this->shop->logged);
    }

    public function doorsOfCarts(): array
    {
        $gift = ['1 x MUG'];
        $mark = [Mark::NAME => 'gift-mug'];
        return [
            'none: what the rule gives' => [fn () => null, $gift],
            'a request that names our mark for another product' => [
                fn ($shop, $cart) => $shop->put($cart, 'GOLD', 1, $mark), $gift],
            'a request that names a mark nobody knows' => [
                fn ($shop, $cart) => $shop->put($cart, 'MUG', 1, [Mark::NAME => 'gift-x']), $gift],
            'a mark that is no text' => [
                fn ($shop, $cart) => $shop->put($cart, 'MUG', 1, [Mark::NAME => ['gift-mug']]), $gift],
            'a mark longer than its column' => [
                fn ($shop, $cart) => $shop->put($cart, 'MUG', 1, [Mark::NAME => str_repeat('x', 300)]), $gift],
            'a mark as a number' => [
                fn ($shop, $cart) => $shop->put($cart, 'MUG', 1, [Mark::NAME => 1]), $gift],
            'something chosen for the gift, at a price' => [
                fn ($shop, $cart) => $shop->put($cart, 'MUG', 1, $mark + ['options' => [5 => 'in gold']]), $gift],
            'something chosen before the gift is there' => [function ($shop) use ($mark) {
                $cart = $shop->cart();
                $request = new DataObject(['qty' => 1, 'options' => [5 => 'in gold']] + $mark);
                $cart->addProduct(clone $shop->products['mug'], $request);
                return $shop->put($cart, 'GOODS', 2);
            }, $gift],
            'something chosen for the gift that is there' => [
                fn ($shop, $cart) => $shop->edit($cart, $shop->gift($cart), ['qty' => 1, 'options' => [5 => 'gold']]),
                $gift],
            'many pieces under the mark' => [fn ($shop, $cart) => $shop->put($cart, 'MUG', 99, $mark), $gift],
            'many pieces of the gift (PUT items/:id)' => [function ($shop, $cart) {
                $shop->gift($cart)->setQty(99);
                return $cart->save();
            }, $gift],
            'the gift edited with many pieces' => [
                fn ($shop, $cart) => $shop->edit($cart, $shop->gift($cart), ['qty' => 99]), $gift],
            'goods edited into a gift' => [function ($shop, $cart) use ($mark) {
                $shop->put($cart, 'GOLD');
                $item = $cart->getAllVisibleItems()[2];
                return $shop->edit($cart, $item, $mark + ['qty' => 1]);
            }, $gift],
            'an old order put into the cart again' => [function ($shop, $cart) use ($mark) {
                $shop->put($cart, 'MUG', 1, $mark);
                return $shop->put($cart, 'MUG', 1, $mark);
            }, $gift],
            'an old order alone' => [
                fn ($shop, $cart) => $shop->put($shop->cart(), 'MUG', 1, $mark), []],
            'goods taken out once the gift is there' => [function ($shop, $cart) {
                $cart->getItemById(1)->setQty(1);
                return $cart->save();
            }, []],
            'all goods taken out' => [fn ($shop, $cart) => $cart->removeItem(1)->save(), []],
            'the gift counting towards itself' => [function ($shop) {
                $shop->products['mug']->setData('price', 60.0);
                return $shop->put($shop->put($shop->cart(), 'GOODS'), 'MUG', 1, [Mark::NAME => 'gift-mug']);
            }, []],
            'two carts with a gift each' => [function ($shop, $cart) {
                $other = $shop->put($shop->cart(), 'GOODS', 2);
                $other->merge($cart);
                return $other->save();
            }, $gift],
            'a cart merged into an empty one' => [function ($shop, $cart) {
                $own = $shop->cart()->save();
                $own->merge($cart);
                $own->getAllVisibleItems()[0]->setQty(1);
                return $own->save();
            }, []],
            'a second rule for the same product' => [function () {
                $shop = new Checkout();
                $shop->rule();
                $shop->rule(['key' => 'gift-two', 'amount' => '10']);
                return $shop->put($shop->cart(), 'GOODS', 2);
            }, $gift],
            'a rule of another website' => [function () {
                $shop = new Checkout();
                $shop->rule();
                $shop->tables->rows['loyalty_bridge_gift'][0]['website_id'] = 2;
                return $shop->put($shop->cart(), 'GOODS', 2);
            }, []],
            'a price of nothing that was kept in the cart' => [function ($shop, $cart) {
                $shop->gift($cart)->setData('sku', 'GOLD')->setProduct($shop->products['gold']);
                return $cart->save();
            }, $gift],
            'shipping to several addresses, many pieces to each' => [function ($shop, $cart) {
                $cart->setIsMultiShipping(true);
                $shop->gift($cart)->setQty(9);
                return $cart->save();
            }, []],
            'a tier the shopper says he has' => [function () {
                $shop = new Checkout();
                $shop->rule(['tiers' => ['gold']]);
                $cart = $shop->cart(['customer_id' => 7, 'tier_key' => 'gold', 'loyalty_bridge_tier_key' => 'gold']);
                return $shop->put($cart, 'GOODS', 2);
            }, []],
            'a cart kept until the module is switched off' => [function ($shop, $cart) {
                $shop->isOn = false;
                return $cart->save();
            }, []],
        ];
    }

    /**
     * @dataProvider doorsOfPoints
     */
    public function testNoShopperCanWritePoints(string $file, string $pattern): void
    {
        $text = (string)file_get_contents(LOYALTY_BRIDGE_MODULE . '/' . $file);
        $this->assertDoesNotMatchRegularExpression($pattern, $text);
    }

    public function doorsOfPoints(): array
    {
        return [
            'a route without the bridge\'s resource' => ['etc/webapi.xml', '/<resource ref="anonymous"/'],
            'an own route that writes' => ['etc/webapi.xml',
                '/<route[^>]*method="(PUT|POST|DELETE)"(?:(?!<\/route>).)*ref="self"/s'],
            'a mutation' => ['etc/schema.graphqls', '/type\s+Mutation/'],
            'an extension attribute of customers' => ['etc/extension_attributes.xml', '/Customer/'],
            'an extension attribute of carts' => ['etc/extension_attributes.xml', '/Magento\\\\Quote/'],
        ];
    }

    public function testAnotherOnesVoucherAtEveryStep(): void
    {
        $this->owned([17]);
        $this->assertFalse($this->applies(['customer_id' => 18]));
        $this->assertNotSame('', $this->place(5, '100', ['customer_id' => 18]));
        $this->assertNotSame('', $this->place(5, '100', ['customer_email' => 'owner@example.com']));
        $this->assertNull($this->owners->of(self::CODE)->quoteId);
    }
}
