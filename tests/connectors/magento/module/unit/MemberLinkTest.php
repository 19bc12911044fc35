<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Controller\Member\Open;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Customer\Model\Session;
use Magento\Framework\App\RequestInterface;
use Magento\Framework\Message\ManagerInterface;
use Magento\Framework\UrlInterface;
use PHPUnit\Framework\TestCase;

class MemberLinkTest extends TestCase
{
    public function testACustomerIsSentToHisPagesByASignedLink(): void
    {
        $redirect = $this->open(Shop::told(), 17, 'redeem');
        $address = '~^https://bridge\.example/m/acme/from/tok\?'
            . '(customer=17&at=1700000000&nonce=[A-Za-z0-9_-]{22,64}&to=redeem)&signature=([0-9a-f]{64})$~';
        self::assertMatchesRegularExpression($address, $redirect->url);
        preg_match($address, $redirect->url, $found);
        self::assertSame(hash_hmac('sha256', $found[1], 'link-secret'), $found[2]);
        self::assertNotSame($redirect->url, $this->open(Shop::told(), 17, 'redeem')->url);
    }

    /** @dataProvider strangePages */
    public function testAPageThatIsNoneIsTheFirst($page): void
    {
        self::assertStringContainsString('&to=&signature=', $this->open(Shop::told(), 17, $page)->url);
    }

    public function strangePages(): array
    {
        return [[null], [''], ['../admin'], ['https://evil.example'], ['a&customer=1'], ["redeem\n"], [['redeem']]];
    }

    public function testAGuestSignsInFirstAndComesBack(): void
    {
        $session = $this->createMock(Session::class);
        $session->expects(self::once())->method('setBeforeAuthUrl')
            ->with('https://shop.example/loyaltybridge/member/open?to=vouchers');
        self::assertSame('customer/account/login', $this->open(Shop::told(), 0, 'vouchers', $session)->url);
    }

    /** @dataProvider missing */
    public function testWithoutTheBridgeOneStaysInTheAccount(string $path): void
    {
        $shop = Shop::told();
        $shop->config->setValue($path, '');
        $messages = $this->createMock(ManagerInterface::class);
        $messages->expects(self::once())->method('addNoticeMessage');
        self::assertSame('customer/account', $this->open($shop, 17, '', null, $messages)->url);
    }

    public function missing(): array
    {
        return [[Settings::ENABLED], [Settings::MEMBER_URL], [Settings::LINK_SECRET]];
    }

    private function open(Shop $shop, int $customerId, $page, ?Session $session = null, ?object $messages = null)
    {
        $session ??= $this->createMock(Session::class);
        $session->method('isLoggedIn')->willReturn($customerId > 0);
        $session->method('getCustomerId')->willReturn($customerId ?: null);
        $request = $this->createMock(RequestInterface::class);
        $request->method('getParam')->with('to')->willReturn($page);
        $url = $this->createMock(UrlInterface::class);
        $url->method('getUrl')->willReturnCallback(
            static fn ($path, $parts) => "https://shop.example/$path?" . http_build_query($parts['_query'])
        );
        $shop->put(Session::class, $session);
        $shop->put(RequestInterface::class, $request);
        $shop->put(UrlInterface::class, $url);
        $shop->put(ManagerInterface::class, $messages ?? $this->createMock(ManagerInterface::class));
        $redirect = $shop->get(Open::class)->execute();
        self::assertStringContainsString('no-store', json_encode((array)$redirect));
        return $redirect;
    }
}
