<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use Magento\Framework\DB\Adapter\DeadlockException;
use Magento\Framework\Exception\LocalizedException;
use Magento\SalesRule\Model\Rule;
use Magento\SalesRule\Model\Utility;

class VouchersTest extends Till
{
    private const REFUSED = 'The voucher has been used already, or it is not yours. Take it out and try again.';

    /**
     * @dataProvider buyers
     */
    public function testWhoMayUseIt(array $customerIds, string $email, array $buyer, bool $may): void
    {
        $this->owned($customerIds, $email);
        $this->assertSame($may, $this->applies($buyer));
        $this->assertSame($may ? '' : self::REFUSED, $this->place(5, '100', $buyer));
        $this->assertSame([], $this->logged);
    }

    public function buyers(): array
    {
        $ada = ['customer_id' => '17', 'customer_email' => 'ada@example.com'];
        return [
            'its owner' => [[17], '', $ada, true],
            'one of its owners' => [[3, 17], '', $ada, true],
            'another customer' => [[18], '', $ada, false],
            'a guest' => [[17], '', ['customer_email' => 'ada@example.com'], false],
            'a guest who types the owner\'s address' => [
                [17], 'ada@example.com', ['customer_email' => 'ada@example.com'], false],
            'nobody is customer 0' => [[0], '', [], false],
            'a guest with the address' => [[], 'ada@example.com', ['customer_email' => ' Ada@Example.com'], true],
            'a guest whose bill goes there' => [[], 'ada@example.com', ['billing_email' => 'ADA@example.com'], true],
            'a guest with another' => [[], 'ada@example.com', ['customer_email' => 'eve@example.com'], false],
            'a guest with something else' => [[], '', ['customer_email' => 'no address'], true],
            'a guest with half an address' => [[], 'ada@example.com', ['customer_email' => 'ada@'], false],
            'a guest with too long a one' => [
                [], 'ada@example.com', ['billing_email' => 'ada@' . str_repeat('example.', 100)], false],
            'a guest without any' => [[], 'ada@example.com', [], false],
            'a customer with the address' => [[], 'ada@example.com', $ada, true],
            'anybody' => [[], '', [], true],
        ];
    }

    public function testAnAddressIsTheSameInTheNetsOwnSpelling(): void
    {
        if (!function_exists('idn_to_ascii')) {
            $this->markTestSkipped('ext-intl, which Magento needs, is not here');
        }
        $this->owned([], 'ada@xn--bcher-kva.example');
        $this->assertTrue($this->applies(['customer_email' => 'Ada@Bücher.example']));
    }

    public function testMerchantsOwnCouponsAreNoneOfOurBusiness(): void
    {
        $this->owned([17]);
        $this->assertTrue($this->applies([], 'MERCHANT', ['code' => 'MERCHANT']));
        $this->assertSame('', $this->place(5, '100', [], 'MERCHANT'));
        $this->assertSame('', $this->place(6, '101', [], 'MERCHANT'));
        $this->assertSame('', $this->place(7, '102', [], ''));
        $automatic = ['coupon_type' => Rule::COUPON_TYPE_NO_COUPON, 'code' => null];
        $this->assertTrue($this->applies([], self::CODE, $automatic));
    }

    public function testACodeThatIsLostWhileTheOrderIsPlacedRefusesTheOrder(): void
    {
        $ada = ['customer_id' => '17', 'customer_email' => 'ada@example.com'];
        $this->owned([17]);
        foreach ([[5, '100', true], [6, '101', true], [7, '102', false]] as [$quoteId, $increment, $isValid]) {
            $code = (string)$this->collect($quoteId, $ada, self::CODE, $isValid)->getCouponCode();
            $answers[] = [$code, $this->place($quoteId, $increment, $ada, $code)];
        }
        $this->assertSame([[self::CODE, ''], ['', self::REFUSED], ['', self::REFUSED]], $answers);
        $this->assertSame('', $this->place(8, '103', $ada, ''));
        $this->clock->now += 300; // the next time he knows
        $this->assertSame('', $this->place(6, '104', $ada, ''));
    }

    public function testAMerchantsCodeThatIsLostIsNoneOfOurBusiness(): void
    {
        $this->assertSame('', $this->collect(5, [], 'MERCHANT', false)->getCouponCode());
        $this->assertSame('', $this->place(5, '100', [], ''));
    }

    public function testWhatTheShopRefusedStaysRefused(): void
    {
        $plugin = (new \ReflectionProperty(Till::class, 'plugin'))->getValue($this);
        $this->assertFalse($plugin->afterCanProcessRule(new Utility(), false, new Rule(), null));
    }

    /**
     * @dataProvider spellings
     */
    public function testACodeSpelledAsTheShopReadsItIsTheSameCode(string $code): void
    {
        $this->owned([17]);
        $this->assertFalse($this->applies([], $code));
        $this->assertFalse($this->applies([], $code, ['code' => null]));
        $this->assertSame(self::REFUSED, $this->place(5, '100', [], $code));
        $this->assertSame('', $this->place(6, '101', ['customer_id' => 17], $code));
        $this->assertSame(self::REFUSED, $this->place(7, '102', ['customer_id' => 17]));
    }

    public function testEvenIfTheModulesOwnTableReadsSpellingsStrictly(): void
    {
        $this->owned([17]);
        $this->tables->folds = ['salesrule_coupon'];
        $this->assertFalse($this->applies([], 'ĹB-7Q2MX-0RW4T'));
        $this->assertSame(self::REFUSED, $this->place(5, '100', [], 'ĹB-7Q2MX-0RW4T'));
    }

    public function spellings(): array
    {
        return [['lb-7Q2MX-0RW4T'], [' LB-7Q2MX-0RW4T '], ['ĹB-7Q2MX-0RW4T'], ['ĺb-7Q2MX-0RW4T']];
    }

    public function testOfSeveralCodesEachIsItsOwners(): void
    {
        $this->owned([17]);
        $both = 'MERCHANT,' . self::CODE;
        $this->assertTrue($this->applies([], $both, ['code' => 'MERCHANT']));
        $this->assertFalse($this->applies([], $both));
        $this->assertFalse($this->applies([], $both, ['code' => null]));
        $this->assertSame(self::REFUSED, $this->place(5, '100', [], $both));
        $this->assertSame('', $this->place(5, '100', ['customer_id' => 17], $both));
    }

    public function testOfOrdersAtTheSameTimeOneGetsIt(): void
    {
        $this->owned([]);
        foreach ([5, 6, 7, 8] as $quoteId) { // all of them had it in the cart
            $this->assertTrue($this->applies(['entity_id' => $quoteId]));
        }
        $answers = array_map(fn (int $quoteId): string => $this->place($quoteId, "10$quoteId"), [5, 6, 7, 8]);
        $this->assertSame(['', self::REFUSED, self::REFUSED, self::REFUSED], $answers);
        $this->assertFalse($this->applies(['entity_id' => 9]));
        $this->assertSame('105', $this->owners->of(self::CODE)->orderIncrement);
    }

    public function testOrdersOfTheSameCartAtTheSameTimeAreNotTwoWithIt(): void
    {
        $this->owned([]);
        $answers = [];
        $again = function () use (&$answers): void {
            $answers[] = $this->place(5, '101'); // pressed twice: before the first order is there
        };
        $this->assertSame('', $this->place(5, '100', [], self::CODE, $again));
        $this->assertSame([self::REFUSED], $answers);
        $this->assertSame('100', $this->owners->of(self::CODE)->orderIncrement);
    }

    public function testAPaymentThatFailedGivesItBackAtOnce(): void
    {
        $this->owned([]);
        $declined = static fn () => throw new LocalizedException(__('Declined'));
        $this->assertSame('Declined', $this->place(5, '100', [], self::CODE, $declined));
        $this->assertNull($this->owners->of(self::CODE)->quoteId);
        $this->assertSame('Declined', $this->place(5, '101', [], self::CODE, $declined));
        $this->assertSame('', $this->place(6, '102'));
    }

    public function testWhatFailsAfterTheOrderIsThereGivesNothingBack(): void
    {
        $this->owned([]);
        $this->place(5, '100', [], self::CODE, function (): void {
            $order = ['entity_id' => 1, 'quote_id' => 5, 'state' => 'new', 'coupon_code' => self::CODE];
            $this->tables->rows['sales_order'][] = $order;
            throw new LocalizedException(__('No mail'));
        });
        $this->assertSame(5, $this->owners->of(self::CODE)->quoteId);
    }

    public function testOfTwoRequestsForOneOrderOneFailsAndItIsNotFree(): void
    {
        $this->owned([]);
        $declined = static fn () => throw new LocalizedException(__('Declined'));
        $second = function (?callable $payment): void {
            $this->assertSame($payment ? 'Declined' : '', $this->place(5, '100', [], self::CODE, $payment));
            $payment ?: throw new LocalizedException(__('Declined')); // then the first one is
        };
        $this->assertSame('', $this->place(5, '100', [], self::CODE, static fn () => $second($declined)));
        $this->assertSame(self::REFUSED, $this->place(6, '101'));
        $this->cancel('100');
        $this->assertSame('Declined', $this->place(5, '100', [], self::CODE, static fn () => $second(null)));
        $this->assertSame(self::REFUSED, $this->place(6, '101'));
    }

    public function testAnOrderHasItThoughAnotherRequestForItGaveItBackMeanwhile(): void
    {
        $this->owned([]);
        $this->owners->claim($this->owners->locked(self::CODE), 5, '100'); // the other one
        $this->place(5, '100', [], self::CODE, fn () => $this->owners->release(self::CODE, 5, '100'));
        $this->assertSame(self::REFUSED, $this->place(6, '101'));
    }

    public function testARequestThatEndedInTheMiddleMayBeTriedAgain(): void
    {
        $this->owned([]);
        $this->place(5, '100');
        $this->tables->rows['sales_order'] = []; // no order came of it
        $this->assertTrue($this->applies(['entity_id' => 5]));
        $this->assertSame(self::REFUSED, $this->place(5, '101'));
        $this->assertSame('', $this->place(5, '100'));
        $this->tables->rows['sales_order'] = [];
        $this->clock->now += 200;
        $this->assertSame('', $this->place(5, '101'));
    }

    public function testABasketThatNeverBecameAnOrderDoesNotKeepItForEver(): void
    {
        $this->owned([]);
        $this->place(5, '100');
        $this->tables->rows['sales_order'] = [];
        $this->assertSame(self::REFUSED, $this->place(6, '101'));
        $this->clock->now += 4000;
        $this->owned([]); // told again meanwhile
        $this->assertTrue($this->applies(['entity_id' => 6]));
        $this->assertSame('', $this->place(6, '101'));
        $this->clock->now += 4000;
        $this->assertSame(self::REFUSED, $this->place(7, '102')); // an order came of that one
    }

    public function testPressingTwiceDoesNotMakeTwoOrdersWithIt(): void
    {
        $this->owned([]);
        $this->tables->rows['quote'] = [['entity_id' => 5, 'is_multi_shipping' => 0]];
        $this->assertSame('', $this->place(5, '100'));
        $this->assertSame(self::REFUSED, $this->place(5, '101'));
    }

    public function testOrdersOfOneBasketForSeveralAddressesShareIt(): void
    {
        $this->owned([]);
        $this->tables->rows['quote'] = [['entity_id' => 5, 'is_multi_shipping' => 1]];
        $this->inOneRequest(function (): void {
            $this->assertSame('', $this->place(5, '100') . $this->place(5, '101'));
        });
        $this->cancel('101');
        $this->assertSame(5, $this->owners->of(self::CODE)->quoteId);
        $this->cancel('100');
        $this->assertNull($this->owners->of(self::CODE)->quoteId);
    }

    public function testSeveralAddressesDoNotMakeItWorkInASecondRequest(): void
    {
        $this->owned([]);
        $this->tables->rows['quote'] = [['entity_id' => 5, 'is_multi_shipping' => 1]];
        $this->inOneRequest(function (): void {
            $this->place(5, '100');
            $this->place(5, '101', [], self::CODE, static fn () => throw new LocalizedException(__('Declined')));
        });
        $this->assertSame(self::REFUSED, $this->place(5, '102'));
        $this->tables->rows['quote'][0]['is_multi_shipping'] = 0; // what is left is sent to one
        $this->clock->now += 4000;
        $this->assertSame([self::REFUSED, self::REFUSED], [$this->place(5, '102'), $this->place(6, '103')]);
        $this->cancel('100');
        $this->clock->now += 4000;
        $this->assertSame('', $this->place(6, '103'));
    }

    /**
     * @testWith ["MERCHANT"]
     *           [""]
     */
    public function testACancelledOrderGivesItBackThoughItsCartWasOrderedWithoutIt(string $code): void
    {
        $this->owned([]);
        $this->place(5, '100'); // to be paid elsewhere, which fails; the shop puts the cart back
        $this->assertSame(self::REFUSED, $this->place(5, '101'));
        $this->assertSame('', $this->place(5, '101', [], $code));
        $this->cancel('100');
        $this->assertSame('', $this->place(6, '102'));
    }

    public function testACancelledOrderGivesItBack(): void
    {
        $this->owned([]);
        $this->place(5, '100');
        $this->save(['state' => 'processing'] + $this->tables->rows['sales_order'][0]);
        $this->assertSame(5, $this->owners->of(self::CODE)->quoteId);
        $this->cancel('100');
        $this->assertSame('', $this->place(6, '101'));
    }

    public function testAnOrderThatIsPaidAfterAllTakesItAgain(): void
    {
        $this->owned([]);
        $this->place(5, '100');
        $this->cancel('100');
        $late = ['state' => 'processing', 'orig_state' => 'canceled'] + $this->tables->rows['sales_order'][0];
        $this->save($late);
        $this->assertSame(self::REFUSED, $this->place(6, '101'));
        $this->save(['state' => 'canceled'] + $late); // its row is
        $this->assertSame('', $this->place(6, '101'));
        $this->save($late);
        $this->assertSame('101', $this->owners->of(self::CODE)->orderIncrement);
    }

    public function testADeadlockTookTheCancellingBackToo(): void
    {
        $this->owned([]);
        $this->place(5, '100');
        $this->tables->lost = new DeadlockException();
        $this->expectException(DeadlockException::class);
        $this->cancel('100');
    }

    public function testAnOrderThatWasCancelledLongAgoTakesItFromNobody(): void
    {
        $this->owned([]);
        $this->place(5, '100');
        $this->cancel('100');
        $this->tables->rows['quote'] = [['entity_id' => 5, 'is_multi_shipping' => 0]];
        $this->place(5, '101'); // the shop put the cart back
        $this->cancel('100');
        $this->assertSame('101', $this->owners->of(self::CODE)->orderIncrement);
        array_pop($this->tables->rows['sales_order']); // not saved yet
        $this->cancel('100');
        $this->assertSame('101', $this->owners->of(self::CODE)->orderIncrement);
    }

    public function testBeingToldTheOwnersAgainKeepsTheClaim(): void
    {
        $this->owned([17]);
        $this->place(5, '100', ['customer_id' => 17]);
        $this->owned([17, 18]);
        $this->assertSame(self::REFUSED, $this->place(6, '101', ['customer_id' => 18]));
    }

    public function testNothingOfOursBreaksACartOrAnOrder(): void
    {
        $this->owned([17]);
        $this->tables->isBroken = true;
        $this->assertTrue($this->applies([]));
        $this->assertSame('', $this->place(5, '100'));
        $this->save(['state' => 'canceled', 'coupon_code' => self::CODE, 'quote_id' => 5]);
        $this->assertCount(4, $this->logged);
    }

    public function testAVoucherKnownToBeOursIsNotGivenAwayWhenItCannotBeCounted(): void
    {
        $this->owned([]);
        $this->tables->isLocked = true;
        $this->assertSame(self::REFUSED, $this->place(5, '100'));
        $this->assertCount(1, $this->logged);
    }

    public function testSwitchedOffItGuardsNothing(): void
    {
        $this->owned([17]);
        $this->isOn = false;
        $this->assertTrue($this->applies([]));
        $this->assertSame('', $this->place(5, '100'));
    }
}
