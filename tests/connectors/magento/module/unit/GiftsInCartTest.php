<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Observer\Gift\UnmarkWished;
use LoyaltyBridge\Loyalty\Plugin\Quote\MarkOrderItem;
use Magento\Framework\DataObject;
use Magento\Quote\Model\Quote\Item;
use Magento\Quote\Model\Quote\Item\ToOrderItem;
use PHPUnit\Framework\TestCase;
use Psr\Log\LoggerInterface;

class GiftsInCartTest extends TestCase
{
    private const GIFT = '1 x MUG = 0.00 (gift-mug)';
    private Checkout $shop;

    protected function setUp(): void
    {
        $this->shop = new Checkout();
    }

    protected function tearDown(): void
    {
        $this->assertSame([], $this->shop->logged);
    }

    public function testAGiftComesWhenTheCartIsWorthItAndGoesWhenItIsNot(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS');
        $this->assertSame(['1 x GOODS = 50.00'], $this->shop->shown($cart));
        $this->shop->put($cart, 'GOODS');
        $this->assertSame([self::GIFT, '2 x GOODS = 100.00'], $this->shop->shown($cart));
        $this->assertSame(100.0, (float)$cart->getBaseSubtotal());
        $cart->getItemById(1)->setQty(1);
        $this->assertSame(['1 x GOODS = 50.00'], $this->shop->shown($cart->save()));
    }

    public function testTotalsAreCollectedOnceMoreOnlyWhenLinesChanged(): void
    {
        $this->shop->rule();
        $this->shop->put($this->shop->cart(), 'GOODS');
        $this->assertSame([1, 0], [$this->shop->collected, $this->shop->loaded]);
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->assertSame([3, 1], [$this->shop->collected, $this->shop->loaded]);
        $cart->save();
        $this->assertSame([4, 1], [$this->shop->collected, $this->shop->loaded]);
    }

    public function testWithoutRulesNothingIsDone(): void
    {
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 5);
        $plugin = $this->shop->plugin;
        $collector = new \Magento\Quote\Model\Quote\TotalsCollector();
        $total = new \Magento\Quote\Model\Quote\Address\Total();
        $collected = $this->shop->collected;
        $began = hrtime(true);
        for ($i = 0; $i < 200; $i++) {
            $plugin->aroundCollect($collector, static fn () => $total, $cart);
        }
        $this->assertLessThan(0.2, (hrtime(true) - $began) / 1e6 / 200, 'milliseconds');
        $this->assertSame([$collected, 0], [$this->shop->collected, $this->shop->loaded]);
        $this->assertSame(1, $this->shop->tables->statements);
    }

    public function testItNeverJoinsWhatTheShopperBoughtHimself(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'MUG');
        $this->shop->put($cart, 'GOODS', 2);
        $this->shop->put($cart, 'MUG');
        $this->assertSame([self::GIFT, '2 x GOODS = 100.00', '2 x MUG = 20.00'], $this->shop->shown($cart));
        $this->assertArrayNotHasKey(Mark::NAME, $this->shop->products['mug']->getCustomOptions());
    }

    public function testItsQuantityIsTheRules(): void
    {
        $this->shop->rule(['quantity' => 2]);
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->shop->gift($cart)->setQty(50);
        $this->assertContains('2 x MUG = 0.00 (gift-mug)', $this->shop->shown($cart->save()));
    }

    public function testWhoTakesItOutDoesNotGetItBackInThatCart(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $cart->removeItem($this->shop->gift($cart)->getId())->save();
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart));
        $this->shop->put($cart, 'GOODS', 2);
        $this->assertSame(['4 x GOODS = 200.00'], $this->shop->shown($cart));
        $this->assertSame('["gift-mug"]', $cart->getData(Mark::DECLINED));
    }

    public function testAnEmptiedCartBeginsAnew(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $cart->removeItem($this->shop->gift($cart)->getId())->save();
        $cart->removeAllItems()->save();
        $this->assertNull($cart->getData(Mark::DECLINED));
        $this->assertContains(self::GIFT, $this->shop->shown($this->shop->put($cart, 'GOODS', 2)));
    }

    public function testWhatIsSoldOutIsNotGivenAndLeavesNoErrorBehind(): void
    {
        $this->shop->rule();
        $cart = $this->shop->cart();
        $cart->stock[2] = 0;
        $this->shop->put($cart, 'GOODS', 2);
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart));
        $this->assertFalse((bool)$cart->getHasError());
        $this->assertCount(1, $cart->getItemsCollection()->all);
        $cart->stock[2] = 5;
        $this->assertContains(self::GIFT, $this->shop->shown($cart->save()));
        $cart->stock[2] = 0;
        $cart->checkStock($this->shop->gift($cart));
        $this->assertFalse($cart->getHasError()); // the way to the checkout is open
        $loaded = $this->shop->loaded;
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->assertFalse($cart->getHasError());
        $this->assertSame($loaded, $this->shop->loaded);
    }

    public function testAGiftOfWhatTheShopperBuysThatIsSoldOutTakesNothingAway(): void
    {
        $this->shop->rule(['sku' => 'GOODS', 'key' => 'gift-goods']);
        $cart = $this->shop->cart();
        $cart->stock[1] = 2;
        $this->shop->put($cart, 'MUG');
        $this->shop->put($cart, 'GOODS', 2);
        $this->assertSame(['1 x MUG = 10.00', '2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->assertFalse((bool)$cart->getHasError());
        $this->assertCount(2, $cart->getItemsCollection()->all);
    }

    public function testAGiftYieldsToWhatIsPaidForOfTheSameProduct(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->shop->put($cart, 'MUG');
        $cart->stock[2] = 1; // it is read again, the gift before what came later
        $cart->checkStock($cart->getItemById(3));
        $this->assertTrue($cart->getHasError());
        $this->assertSame(['1 x MUG = 10.00', '2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->assertFalse((bool)$cart->getHasError());
        $this->assertSame(['1 x MUG = 10.00', '2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
    }

    public function testAGiftThatIsSoldOutWhileTheCartLayStopsNoOrder(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $cart->stock[2] = 0;
        $cart->checkStock($this->shop->gift($cart));
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->order()));
        $this->assertFalse((bool)$cart->getHasError());
    }

    public function testAGiftHasAnIdThoughTheCartIsNotSaved(): void
    {
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->shop->rule();
        $this->shop->forget();
        $cart->collectTotals();
        $this->assertSame(2, $this->shop->gift($cart)->getId());
        $cart = $this->shop->put($this->shop->put($this->shop->cart(), 'BOOK'), 'GOODS', 2);
        $this->assertSame(3, $this->shop->gift($cart)->getId()); // after what was put in with it
    }

    public function testAGiftOnAWishListIsWishedToBeBought(): void
    {
        $request = new \Magento\Framework\DataObject(['qty' => 1, Mark::NAME => 'gift-mug']);
        $log = new Log($this->createStub(LoggerInterface::class));
        (new UnmarkWished($log))->execute(new \Magento\Framework\Event\Observer(['buy_request' => $request]));
        $this->assertSame(['qty' => 1], $request->getData());
    }

    public function testErrorsOfOtherLinesStay(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $cart->stock = [1 => 1, 2 => 0];
        $cart->checkStock($cart->getItemById(1));
        $cart->checkStock($this->shop->gift($cart));
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->assertTrue($cart->getHasError());
    }

    public function testUnknownOrDisabledProductsAreNotGiven(): void
    {
        $this->shop->rule(['sku' => 'NONE', 'key' => 'gift-none']);
        $this->shop->rule();
        $this->shop->products['mug']->setData('is_salable', 0);
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart));
        $this->shop->products['mug']->setData('is_salable', 1)->setData('website_ids', ['2']);
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->shop->products['mug']->setData('website_ids', ['1'])->setData('type_id', 'configurable');
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
    }

    public function testAProductToWhichAnotherModuleAddsAChoiceIsNotGiven(): void
    {
        $this->shop->rule();
        $cart = $this->shop->cart();
        $cart->observers['catalog_product_type_prepare_full_options'][] = new class {
            public function execute($observer): void
            {
                $observer->getData('product')->addCustomOption('wrapped', 'yes');
            }
        };
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($this->shop->put($cart, 'GOODS', 2)));
    }

    public function testWhatTheShopperChoseForTheSameProductAMomentAgoIsNotChosenForTheGift(): void
    {
        $this->shop->rule();
        $mug = $this->shop->products['mug']; // the shop's repository keeps it as it was put in
        $mug->addCustomOption('parent_product_id', '9');
        $mug->setData('parent_product_id', '9');
        $this->assertContains(self::GIFT, $this->shop->shown($this->shop->put($this->shop->cart(), 'GOODS', 2)));
        $this->assertSame('9', $mug->getData('parent_product_id'));
    }

    public function testItIsNotDiscountedAndTakesFreeShippingFromNobody(): void
    {
        $this->shop->rule();
        $this->shop->discount = 0.1;
        $this->shop->shipsFree = true;
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->assertSame(0.0, $this->shop->gift($cart)->getBaseDiscountAmount());
        $this->assertTrue($this->shop->gift($cart)->getFreeShipping());
        $this->assertSame(1, $cart->getShippingAddress()->getFreeShipping());
    }

    public function testALineThatIsTakenOutOpensNoRuleAndNoCode(): void
    {
        $this->shop->rule();
        $this->shop->discount = 0.1;
        $this->shop->discountFrom = 60.0;
        $cart = $this->shop->put($this->shop->cart(['coupon_code' => 'FROM60']), 'GOODS');
        $this->shop->forget();
        $this->shop->put($cart->setCouponCode('FROM60'), 'MUG', 1, [Mark::NAME => 'forged']);
        $this->assertSame(['1 x GOODS = 50.00'], $this->shop->shown($cart));
        $this->assertSame(0.0, $cart->getItemById(1)->getData('base_discount_amount'));
        $this->assertSame('', $cart->getCouponCode());
        $this->assertSame([], (array)$cart->getShippingAddress()->getDiscountDescriptionArray());
        $this->shop->forget();
        $this->shop->put($cart->setCouponCode('FROM60'), 'GOODS');
        $this->assertSame([10.0, 'FROM60'], [
            $cart->getItemById(1)->getData('base_discount_amount'),
            $cart->getCouponCode(),
        ]);
        $this->assertContains(self::GIFT, $this->shop->shown($cart));
    }

    public function testShippingRatesAndRulesAreThoseOfTheNewLines(): void
    {
        $this->shop->rule();
        $cart = $this->shop->cart();
        $cart->setAppliedRuleIds('1')->getShippingAddress()->setCollectShippingRates(true)->setAppliedRuleIds('1,2');
        $this->shop->put($cart, 'GOODS', 2);
        $this->assertSame([[true, '1/1,2'], [true, '/']], $this->shop->seen);
        $cart->save();
        $this->assertSame([false, '/'], $this->shop->seen[2]);
    }

    public function testAGuestsCartAndTheCustomersAreMergedWithoutMixingGiftsAndGoods(): void
    {
        $this->shop->rule();
        $guest = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $own = $this->shop->put($this->shop->cart(), 'MUG');
        $own->merge($guest)->save();
        $this->assertSame([self::GIFT, '1 x MUG = 10.00', '2 x GOODS = 100.00'], $this->shop->shown($own));

        $guest = $this->shop->put($this->shop->cart(), 'MUG', 3);
        $own = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $own->merge($guest)->save();
        $this->assertSame([self::GIFT, '2 x GOODS = 100.00', '3 x MUG = 30.00'], $this->shop->shown($own));
    }

    public function testWhatTheShopTakesOutToMergeIsNotDeclined(): void
    {
        $this->shop->rule();
        $customers = $this->shop->put($this->shop->cart(['customer_id' => 7]), 'GOODS', 2);
        $guests = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $guests->removeItem($this->shop->gift($guests)->getId());
        $customers->removeItem($this->shop->gift($customers)->getId());
        $customers->merge($guests)->save();
        $this->assertSame([self::GIFT, '4 x GOODS = 200.00'], $this->shop->shown($customers));
    }

    public function testWhatAGuestTookOutStaysOutWhenHeSignsIn(): void
    {
        $this->shop->rule();
        $guest = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $guest->removeItem($this->shop->gift($guest)->getId())->save();
        $own = $this->shop->cart()->save();
        $own->merge($guest)->save();
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($own));
    }

    public function testEditingAGiftKeepsItOne(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->shop->edit($cart, $this->shop->gift($cart), ['qty' => 7]);
        $this->assertSame([self::GIFT, '2 x GOODS = 100.00'], $this->shop->shown($cart));
        $this->assertNull($cart->getData(Mark::DECLINED));
    }

    public function testEditingTheSameProductMakesNobodyPayForTheGift(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'MUG');
        $this->shop->put($cart, 'GOODS', 2);
        $this->shop->products['mug']->addCustomOption('option_1', 'red'); // another choice: another line
        $mug = $cart->getItemById(1);
        $mug->getProduct()->addCustomOption('option_1', 'red');
        $this->shop->edit($cart, $mug, ['qty' => 1, 'options' => [1 => 'red']]);
        $paid = array_filter($this->shop->shown($cart), fn ($line) => str_contains($line, 'x MUG = 1'));
        $this->assertSame(['1 x MUG = 10.00'], array_values($paid));
    }

    public function testEditingGoodsMakesNoGiftOfThem(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS');
        $this->shop->edit($cart, $cart->getItemById(1), ['qty' => 1, Mark::NAME => 'gift-mug']);
        $this->assertSame(['1 x GOODS = 50.00'], $this->shop->shown($cart));
    }

    public function testAnOldOrdersGiftIsAGiftAgainOrNothing(): void
    {
        $this->shop->rule();
        $old = [Mark::NAME => 'gift-mug'];
        $cart = $this->shop->put($this->shop->cart(), 'MUG', 1, $old);
        $this->assertSame([], $this->shop->shown($cart));
        $this->shop->put($cart, 'MUG');
        $this->shop->put($cart, 'MUG', 4, $old);
        $this->assertSame(['1 x MUG = 10.00'], $this->shop->shown($cart));
        $this->shop->put($cart, 'GOODS', 2);
        $this->shop->put($cart, 'MUG', 4, $old);
        $this->assertSame([self::GIFT, '1 x MUG = 10.00', '2 x GOODS = 100.00'], $this->shop->shown($cart));
    }

    public function testAnOldOrdersGiftDoesNotMarkWhatWasBoughtOfTheSameProduct(): void
    {
        $mug = $this->shop->products['mug'];
        $cart = $this->shop->cart();
        $cart->addProduct($mug, new DataObject(['qty' => 1, Mark::NAME => 'gift-mug']));
        $cart->addProduct($mug, new DataObject(['qty' => 3]));
        $this->assertSame(['3 x MUG = 30.00'], $this->shop->shown($cart->save()));
    }

    public function testAnOldOrdersGiftIsFreeInTheSameRequest(): void
    {
        $this->shop->rule();
        $cart = $this->shop->cart();
        $cart->addProduct(clone $this->shop->products['goods'], 2);
        $old = new \Magento\Framework\DataObject(['qty' => 1, Mark::NAME => 'gift-mug']);
        $cart->addProduct(clone $this->shop->products['mug'], $old);
        $this->assertSame([self::GIFT, '2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->assertSame([2, 0], [$this->shop->collected, $this->shop->loaded]);
    }

    public function testACartThatWasOrderedIsLeftAlone(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(['is_active' => '0']), 'GOODS', 2);
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart));
    }

    public function testTheAdminsCartGetsGiftsToo(): void
    {
        $this->shop->rule();
        $this->shop->area = 'adminhtml';
        $cart = $this->shop->put($this->shop->cart(['is_active' => false]), 'GOODS', 2);
        $this->assertContains(self::GIFT, $this->shop->shown($cart));
        $this->shop->gift($cart)->setNoDiscount(0)->setData('custom_price', null);
        $this->assertContains(self::GIFT, $this->shop->shown($cart->save()));
        $cart->removeItem($this->shop->gift($cart)->getId())->save();
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart));
    }

    public function testNoGiftIsSharedOutOverSeveralAddresses(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $gift = $this->shop->gift($cart);
        $cart->setIsMultiShipping(true)->getShippingAddress()->addItem($gift);
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->assertTrue($cart->getIsMultiShipping());
        $this->assertTrue($cart->getShippingAddress()->getItemsCollection()[0]->isDeleted());
    }

    public function testABasketThatIsNotSentGetsNothingThatMustBe(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'BOOK', 5);
        $this->assertSame(['5 x BOOK = 100.00'], $this->shop->shown($cart));
        $this->shop->put($cart, 'GOODS');
        $this->assertContains(self::GIFT, $this->shop->shown($cart));
        $cart->removeItem($cart->getAllVisibleItems()[1]->getId())->save();
        $this->assertSame(['5 x BOOK = 100.00'], $this->shop->shown($cart));
    }

    public function testTheTierIsThatOfTheCustomer(): void
    {
        $this->shop->rule(['tiers' => ['gold']]);
        $this->shop->tables->rows['loyalty_bridge_balance'][] = ['customer_id' => 7, 'available' => 0, 'pending' => 0,
            'tier' => 'Gold', 'tier_key' => 'gold', 'expiring' => 0, 'expires_on' => ''];
        $this->assertNull($this->shop->gift($this->shop->put($this->shop->cart(), 'GOODS', 2)));
        $cart = $this->shop->put($this->shop->cart(['customer_id' => '7']), 'GOODS', 2);
        $this->assertContains(self::GIFT, $this->shop->shown($cart));
    }

    public function testAfterDiscountsAndWithTaxAreTheShopsOwnNumbers(): void
    {
        $this->shop->rule(['after_discounts' => true, 'gross' => true, 'amount' => '108.0000']);
        $this->shop->discount = 0.1;
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2); // 100 - 10 + 18
        $this->assertContains(self::GIFT, $this->shop->shown($cart));
        $this->shop->discount = 0.11;
        $this->assertNull($this->shop->gift($cart->save()));
    }

    public function testABundlePricedByItsPartsIsWorthItsParts(): void
    {
        $this->shop->rule(['after_discounts' => true, 'amount' => '90.0000']);
        $this->shop->rule(['after_discounts' => true, 'amount' => '90.0100', 'key' => 'gift-book', 'sku' => 'BOOK']);
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $parts = [];
        $this->shop->meddle = function () use (&$parts): void {
            foreach ($parts as $part) {
                $part->addData(['base_row_total' => 50.0, 'base_discount_amount' => 6.0,
                    'base_discount_tax_compensation_amount' => 1.0, 'base_row_total_incl_tax' => 60.0]);
            }
        };
        $bundle = $cart->getItemById(1)->setData('is_children_calculated', true);
        foreach ([1, 2] as $id) {
            $parts[] = (new Item(['item_id' => 50 + $id]))->setProduct($this->shop->products['goods'])
                ->setParentItem($bundle);
        }
        $this->assertSame([self::GIFT, '2 x GOODS = 100.00'], $this->shop->shown($cart->save())); // 2 x (50 - 6 + 1)
    }

    public function testAGiftWhoseRuleEndedWhileTheCartLayIsNotOrdered(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $collected = $this->shop->collected;
        $this->assertContains(self::GIFT, $this->shop->shown($cart->order()));
        $this->assertSame($collected, $this->shop->collected);
        $this->shop->tables->rows['loyalty_bridge_gift'] = [];
        $this->shop->forget();
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->order()));
    }

    public function testOnlyAFreeLineIsMarkedInTheOrder(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $plugin = new MarkOrderItem($this->shop->mark, new Log($this->createStub(LoggerInterface::class)));
        $marks = [];
        $priced = new Item([Mark::NAME => 'gift-mug', 'base_row_total' => 5]);
        foreach ([...$cart->getAllVisibleItems(), $priced] as $item) {
            $line = new class extends Item implements \Magento\Sales\Api\Data\OrderItemInterface {
            };
            $marks[] = $plugin->afterConvert(new ToOrderItem(), $line, $item)->getData(Mark::NAME);
        }
        $this->assertSame([null, 'gift-mug', null], $marks);
    }

    public function testSwitchedOffItTakesItsGiftsWithIt(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->shop->isOn = false;
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
    }

    public function testWhatFailsTakesTheGiftsWithItAndTheCartGoesOn(): void
    {
        $this->shop->rule();
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $cart->setData('store', new class extends \Magento\Framework\DataObject {
            public function getWebsiteId()
            {
                throw new \RuntimeException('no such website');
            }
        });
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart->save()));
        $this->assertStringContainsString('loyalty_bridge gifts: RuntimeException', $this->shop->logged[0]);
        $this->assertCount(1, $this->shop->logged);
        $this->shop->logged = [];
    }

    public function testAGiftThatTheTotalsCannotBearIsTakenOut(): void
    {
        $this->shop->rule();
        $this->shop->meddle = function ($quote): void {
            if ($this->shop->gift($quote) !== null) {
                throw new \LogicException('another module');
            }
        };
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart));
        $this->assertCount(1, $this->shop->logged);
        $this->shop->logged = [];
    }

    /**
     * @dataProvider costs
     */
    public function testAGiftThatWouldCostSomethingIsNotGiven(string $cost): void
    {
        $this->shop->rule();
        $this->shop->meddle = fn ($quote) => $this->shop->gift($quote)?->setData($cost, 1.9);
        $cart = $this->shop->put($this->shop->cart(), 'GOODS', 2);
        $this->assertSame(['2 x GOODS = 100.00'], $this->shop->shown($cart));
        $this->assertCount(1, $this->shop->logged);
        $this->shop->logged = [];
    }

    public function costs(): array
    {
        return [
            'a price of another module' => ['base_row_total'],
            'tax on original prices' => ['base_tax_amount'],
            'a fixed product tax' => ['base_weee_tax_applied_row_amnt'],
        ];
    }

    public function testTheShopsOwnFailuresAreTheShops(): void
    {
        $this->shop->rule();
        $this->shop->meddle = static fn () => throw new \DomainException('the shop');
        $this->expectException(\DomainException::class);
        $this->shop->put($this->shop->cart(), 'GOODS', 2);
    }
}
