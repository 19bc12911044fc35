<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\CustomerData\Loyalty;
use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Referral\Cookie;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Customer\Model\Session;

class CustomerSectionTest extends Storefront
{
    private const NOBODY = [
        'is_shown' => true, 'is_member' => false, 'is_invited' => false, 'available' => 0, 'pending' => 0,
        'tier' => '', 'expiring' => 0, 'expires_on' => '', 'label' => 'Points',
        'shown' => ['available' => '', 'pending' => ''], 'store' => 'default', 'at' => 1767225600,
    ];

    private function section(?int $customerId, BalanceStorage $balances, bool $isRemembered = false): array
    {
        $session = $this->createStub(Session::class);
        $session->method('isLoggedIn')->willReturn($customerId !== null && !$isRemembered);
        $session->method('getCustomerId')->willReturn($customerId);
        return (new Loyalty(
            $this->settings(),
            $session,
            $balances,
            $this->wording(),
            $this->cookie(),
            $this->stores(),
            $this->clock(),
            $this->log()
        ))->getSectionData();
    }

    public function testAMemberSeesHisOwnNumbers(): void
    {
        $this->locale = 'de_DE';
        $this->config[Settings::POINTS_LABEL] = 'Taler';
        $balance = new Balance(17, 12345, 50, 'Gold', 'gold', 100, '2026-12-31');

        $this->assertEquals(
            ['is_member' => true, 'available' => 12345, 'pending' => 50, 'tier' => 'Gold', 'expiring' => 100,
                'expires_on' => '2026-12-31', 'label' => 'Taler',
                'shown' => ['available' => '12.345', 'pending' => '50']] + self::NOBODY,
            $this->section(17, $this->balances($balance))
        );
    }

    public function testNobodyElseSeesThem(): void
    {
        $balances = $this->balances(new Balance(17, 12345));

        $this->assertEquals(self::NOBODY, $this->section(18, $balances));
        $this->assertEquals(self::NOBODY, $this->section(null, $balances));
        $this->assertEquals(self::NOBODY, $this->section(17, $balances, true));
    }

    public function testAGuestWithAFriendsCodeIsInvited(): void
    {
        $this->sent = [Cookie::NAME => 'ANNA-7'];

        $this->assertTrue($this->section(null, $this->balances(null))['is_invited']);
        $this->assertFalse($this->section(17, $this->balances(null))['is_invited']);
        $this->assertStringNotContainsString('ANNA', json_encode($this->section(null, $this->balances(null))));
    }

    public function testNothingIsShownWhileTheModuleIsSwitchedOff(): void
    {
        $this->config[Settings::ENABLED] = false;

        $section = $this->section(17, $this->balances(new Balance(17, 5)));

        $this->assertSame([false, false, 0], [$section['is_shown'], $section['is_member'], $section['available']]);
    }

    public function testAFailureHidesThePointsAndNothingElse(): void
    {
        $section = $this->section(17, $this->broken());

        $this->assertSame([false, false], [$section['is_shown'], $section['is_member']]);
        $this->assertSame(array_keys(self::NOBODY), array_keys($section));
        $this->assertSame(['customer section'], $this->logged);
    }
}
