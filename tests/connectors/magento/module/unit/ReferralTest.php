<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Controller\Referral\Index;
use LoyaltyBridge\Loyalty\Model\Referral\Code;
use LoyaltyBridge\Loyalty\Model\Referral\Cookie;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Observer\NoteReferral;
use Magento\Customer\Model\Session;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\DataObject;
use Magento\Framework\Event\Observer;

class ReferralTest extends Storefront
{
    private function land(bool $isSignedIn = false): object
    {
        $session = $this->createStub(Session::class);
        $session->method('isLoggedIn')->willReturn($isSignedIn);
        return (new Index(
            $this->request(),
            new RedirectFactory(),
            $session,
            $this->url(),
            $this->settings(),
            $this->cookie(),
            $this->log()
        ))->execute();
    }

    /**
     * @return array[]
     */
    public static function codes(): array
    {
        return [
            ['ANNA-7', 'ANNA-7'],
            ['abc', 'abc'],
            [str_repeat('x', 40), str_repeat('x', 40)],
            ['ab', null],
            [str_repeat('x', 41), null],
            ["ANNA-7\n", null],
            ['ANNA 7', null],
            ['<b>ANNA', null],
            ['https://elsewhere.example', null],
            ['äöü', null],
            ['', null],
            [null, null],
            [['ANNA-7'], null],
        ];
    }

    /**
     * @dataProvider codes
     */
    public function testWhatIsACode($given, ?string $wanted): void
    {
        $this->assertSame($wanted, Code::read($given));
    }

    public function testAGuestIsNotedAndGoesToRegister(): void
    {
        $this->parameters = ['code' => 'ANNA-7'];

        $result = $this->land();

        $this->assertSame('customer/account/create', $result->url);
        $this->assertStringContainsString('no-store', $result->headers['Cache-Control']);
        [$code, $metadata] = $this->given[Cookie::NAME];
        $this->assertSame('ANNA-7', $code);
        $this->assertSame(
            ['duration' => 2592000, 'http_only' => true, 'secure' => true, 'path' => '/',
                'domain' => 'shop.example', 'samesite' => 'Lax'],
            $metadata
        );
    }

    public function testWhoIsSignedInGoesHome(): void
    {
        $this->parameters = ['code' => 'ANNA-7'];
        $this->isSecure = false;

        $this->assertSame('https://shop.example/', $this->land(true)->url);
        $this->assertFalse($this->given[Cookie::NAME][1]['secure']);
    }

    public function testAnotherAddressIsNeverGoneTo(): void
    {
        foreach (['https://elsewhere.example', '//elsewhere.example', ['x' => 'y'], null] as $code) {
            $this->parameters = ['code' => $code, 'url' => '//elsewhere.example', 'to' => '//elsewhere.example'];

            $this->assertSame('https://shop.example/', $this->land()->url);
        }
        $this->assertSame([], $this->given);
    }

    public function testNothingIsNotedWhileTheModuleIsSwitchedOff(): void
    {
        $this->config[Settings::ENABLED] = false;
        $this->parameters = ['code' => 'ANNA-7'];

        $this->assertSame('https://shop.example/', $this->land()->url);
        $this->assertSame([], $this->given);
    }

    private function place(DataObject $quote, DataObject $order): void
    {
        (new NoteReferral($this->settings(), $this->cookie(), $this->log()))
            ->execute(new Observer(['quote' => $quote, 'order' => $order]));
    }

    public function testTheCodeGoesWithTheOrder(): void
    {
        $this->sent = [Cookie::NAME => 'ANNA-7'];
        $quote = new DataObject();
        $order = new DataObject();

        $this->place($quote, $order);

        $this->assertSame('ANNA-7', $quote->getData('loyalty_bridge_referral'));
        $this->assertSame('ANNA-7', $order->getData('loyalty_bridge_referral'));
    }

    public function testAPaymentThatComesBackWithoutACookieFindsItAtTheQuote(): void
    {
        $order = new DataObject();

        $this->place(new DataObject(['loyalty_bridge_referral' => 'ANNA-7']), $order);

        $this->assertSame('ANNA-7', $order->getData('loyalty_bridge_referral'));
    }

    public function testAForgedCookieIsNoCode(): void
    {
        $this->sent = [Cookie::NAME => "x'; DROP TABLE sales_order; --"];
        $order = new DataObject();

        $this->place(new DataObject(), $order);

        $this->assertSame([], $order->getData());
    }

    public function testAnOrderIsPlacedWhateverHappensHere(): void
    {
        (new NoteReferral($this->settings(), $this->cookie(), $this->log()))->execute(new Observer());

        $this->assertSame(['referral'], $this->logged);
    }
}
