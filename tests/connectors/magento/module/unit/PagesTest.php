<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Controller\Points\Index;
use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\ViewModel\Page;
use LoyaltyBridge\Loyalty\ViewModel\Points;
use LoyaltyBridge\Loyalty\ViewModel\Savings;
use Magento\Catalog\Helper\Data;
use Magento\Catalog\Model\Product;
use Magento\Catalog\Pricing\Price\TierPrice;
use Magento\Customer\Model\Session;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\Module\Manager;
use Magento\Framework\Pricing\PriceCurrencyInterface;
use Magento\Framework\Serialize\Serializer\Json;
use Magento\Framework\View\Result\Page as ResultPage;
use Magento\Framework\View\Result\PageFactory;

class PagesTest extends Storefront
{
    private const MEMBER = [
        Settings::MEMBER_URL => 'https://bridge.example/m/acme/open',
        Settings::LINK_SECRET => 'a secret of links',
    ];

    private function points(?Balance $balance, ?BalanceStorage $balances = null): Points
    {
        return new Points(
            $this->settings(),
            $this->customer(17),
            $balances ?? $this->balances($balance),
            $this->wording(),
            $this->url(),
            $this->log()
        );
    }

    private function page(): Page
    {
        return new Page($this->url(), $this->stores(), new Json(), $this->log());
    }

    /**
     * @param array<int, float> $tiers price by quantity
     */
    private function product(array $tiers, string $type = 'simple', bool $isHidden = false): Product
    {
        $amount = static fn (float $value) => new class ($value) {
            public function __construct(private readonly float $value)
            {
            }

            public function getValue(): float
            {
                return $this->value;
            }
        };
        $list = [];
        foreach ($tiers as $quantity => $price) {
            $list[] = ['price_qty' => $quantity, 'price' => $amount($price)];
        }
        $tier = $this->createStub(TierPrice::class);
        $tier->method('getTierPriceList')->willReturn($list);
        $tier->method('isPercentageDiscount')->willReturn($type === 'bundle');
        $prices = ['tier_price' => $tier, 'final_price' => new class ($amount(10.0)) {
            public function __construct(private readonly object $amount)
            {
            }

            public function getAmount(): object
            {
                return $this->amount;
            }
        }, 'msrp_price' => new class ($isHidden) {
            public function __construct(private readonly bool $isHidden)
            {
            }

            public function isShowPriceOnGesture(): bool
            {
                return $this->isHidden;
            }
        }];
        return new Product(['type_id' => $type, 'price_info' => new class ($prices) {
            public function __construct(private readonly array $prices)
            {
            }

            public function getPrice(string $code): object
            {
                return $this->prices[$code];
            }
        }, 'type_instance' => new class ($type) {
            public function __construct(private readonly string $type)
            {
            }

            public function isComposite($product): bool
            {
                return in_array($this->type, ['configurable', 'bundle', 'grouped'], true);
            }
        }]);
    }

    private function savings(?Product $product, bool $hasMsrp = true): string
    {
        $catalog = $this->createStub(Data::class);
        $catalog->method('getProduct')->willReturn($product);
        $currency = $this->createStub(PriceCurrencyInterface::class);
        $currency->method('format')->willReturnCallback(
            fn ($amount, $container) => ($container ? '<span>' : '') . '€' . number_format($amount, 2)
        );
        $modules = $this->createStub(Manager::class);
        $modules->method('isEnabled')->willReturn($hasMsrp);
        $savings = new Savings($catalog, $currency, $modules, $this->wording(), $this->log());
        return $this->render('savings.phtml', ['view_model' => $savings, 'page' => $this->page()]);
    }

    private function text(string $html): string
    {
        return trim((string)preg_replace('/\s+/', ' ', html_entity_decode(strip_tags($html))));
    }

    public function testTheAccountPageSaysAllThereIs(): void
    {
        $this->config += self::MEMBER;
        $points = $this->points(new Balance(17, 12345, 50, 'Gold & Silver <b>', 'gold', 100, '2026-12-31'));

        $html = $this->render('account.phtml', ['view_model' => $points]);

        $this->assertSame(
            'Available now 12,345 Points Not available yet 50 Points Your level Gold & Silver <b>'
            . ' 100 Points expire on December 31, 2026.'
            . ' My loyalty account Redeem points My vouchers Invite friends',
            $this->text($html)
        );
        $this->assertStringContainsString('Gold &amp; Silver &lt;b&gt;', $html);
        foreach (['home', 'redeem', 'vouchers', 'referral'] as $to) {
            $this->assertStringContainsString('href="https://shop.example/loyaltybridge/member/open/?to=' . $to, $html);
        }
        $this->assertStringContainsString('aria-live="polite"', $html);
    }

    public function testLinksAreHiddenUntilTheBridgeToldWhereTheyLead(): void
    {
        $html = $this->render('account.phtml', ['view_model' => $this->points(new Balance(17, 5))]);

        $this->assertSame('Available now 5 Points', $this->text($html));
        $this->assertStringNotContainsString('<a ', $html);
    }

    public function testWhoHasNoBalanceIsToldSo(): void
    {
        $html = $this->render('account.phtml', ['view_model' => $this->points(null)]);

        $this->assertSame('There are no points in your account yet.', $this->text($html));
        $this->assertSame('', $this->text($this->render('dashboard.phtml', ['view_model' => $this->points(null)])));
    }

    public function testADatabaseThatFailsLeavesThePageWhole(): void
    {
        $points = $this->points(null, $this->broken());

        $this->assertStringContainsString('no points', $this->render('account.phtml', ['view_model' => $points]));
        $this->assertSame(['account page'], $this->logged);
    }

    /**
     * @return array[]
     */
    public static function places(): array
    {
        return [
            'German' => ['de_DE', 'Taler', '12.345 Taler', '31. Dezember 2026'],
            'Persian, from right to left' => ['fa_IR', '', '۱۲٬۳۴۵ Points', '۳۱ دسامبر ۲۰۲۶'],
            'Thai' => ['th_TH', 'คะแนน', '12,345 คะแนน', '31 ธันวาคม'],
        ];
    }

    /**
     * @dataProvider places
     */
    public function testNumbersAndDaysAreTheReaders(string $locale, string $label, string $points, string $day): void
    {
        $this->locale = $locale;
        $this->config[Settings::POINTS_LABEL] = $label;
        $balance = new Balance(17, 12345, 0, '', '', 7, '2026-12-31');

        $text = $this->text($this->render('dashboard.phtml', ['view_model' => $this->points($balance)]));

        $this->assertStringContainsString($points, $text);
        $this->assertStringContainsString($day, $text);
    }

    public function testADayThatIsNoneIsNotShown(): void
    {
        foreach (['', 'soon', '2026-02-31', '0000-00-00', '2026-12-31 00:00'] as $day) {
            $this->assertSame('', $this->points(new Balance(17, 5, 0, '', '', 5, $day))->expiring());
        }
    }

    public function testCachedPagesHoldNoNumberOfAPerson(): void
    {
        $this->config += self::MEMBER;
        $before = [$this->page()->badge(), $this->page()->invited(), $this->page()->savings()];
        $this->sent = ['loyalty_bridge_referral' => 'ANNA-7'];
        $this->config[Settings::POINTS_LABEL] = 'Taler';

        $this->assertSame($before, [$this->page()->badge(), $this->page()->invited(), $this->page()->savings()]);
        $badge = $this->render('badge.phtml', ['view_model' => $this->page()]);
        $this->assertSame('', $this->text($badge));
        $this->assertSame(
            ['LoyaltyBridge_Loyalty/js/points' => [
                'part' => 'badge', 'url' => 'https://shop.example/loyaltybridge/points/index/',
                'text' => '%1: %2', 'store' => 'default',
            ]],
            json_decode((string)simplexml_load_string($badge)['data-mage-init'], true)
        );
        $this->assertSame('', $this->text($this->render('invited.phtml', ['view_model' => $this->page()])));
        $uses = (new \ReflectionClass(Page::class))->getConstructor()->getParameters();
        foreach ($uses as $use) {
            $this->assertDoesNotMatchRegularExpression('/Customer|Balance|Session/', (string)$use->getType());
        }
    }

    public function testTheTableOfSavings(): void
    {
        $html = $this->savings($this->product([5 => 9.5, 10 => 9.0, 12 => 10.0]));

        $this->assertSame(
            'Buy more and save From quantity Price per piece You save per piece'
            . ' 5 or more €9.50 €0.50 5% 10 or more €9.00 €1.00 10%',
            $this->text($html)
        );
        $this->assertStringNotContainsString('data-mage-init', $html);
    }

    /**
     * @return array[]
     */
    public static function withoutTable(): array
    {
        return [
            'no tiers' => [[], 'simple', false],
            'a price that is shown in the cart alone' => [[5 => 9.0], 'simple', true],
            'percent of parts that are not chosen yet' => [[5 => 20.0], 'bundle', false],
            'many products' => [[5 => 9.0], 'grouped', false],
        ];
    }

    /**
     * @dataProvider withoutTable
     */
    public function testNoTableWhereThereIsNothingToSay(array $tiers, string $type, bool $isHidden): void
    {
        $this->assertSame('', trim($this->savings($this->product($tiers, $type, $isHidden))));
        $this->assertSame([], $this->logged);
    }

    public function testNoTableWithoutAProductOrWithoutLeaveToShowPrices(): void
    {
        $product = $this->product([5 => 9.0]);
        $product->setData('can_show_price', false);

        $this->assertSame('', trim($this->savings($product)));
        $this->assertSame('', trim($this->savings(null)));
    }

    public function testAVariantsTableWaitsForTheChoice(): void
    {
        $html = $this->savings($this->product([], 'configurable'));

        $this->assertStringContainsString('LoyaltyBridge_Loyalty/js/savings', html_entity_decode(stripslashes($html)));
        $this->assertMatchesRegularExpression('/<div[^>]*\shidden\s*>/', $html);
        $this->assertSame('', trim($this->savings($this->product([], 'configurable', true))));
    }

    public function testAProductThatFailsLeavesThePageWhole(): void
    {
        $this->assertSame('', trim($this->savings(new Product(['type_id' => 'simple']))));
        $this->assertSame(['savings'], $this->logged);
    }

    private function open(bool $isSignedIn): array
    {
        $session = $this->createMock(Session::class);
        $session->method('isLoggedIn')->willReturn($isSignedIn);
        $session->expects($isSignedIn ? $this->never() : $this->once())->method('setBeforeAuthUrl')
            ->with('https://shop.example/loyaltybridge/points/index/');
        $result = (new Index(new PageFactory(), new RedirectFactory(), $session, $this->url(), $this->settings()))
            ->execute();
        $this->assertStringContainsString('no-store', $result->headers['Cache-Control']);
        return [$result instanceof ResultPage, $result->url ?? ''];
    }

    public function testTheAccountPageIsForWhoIsSignedInAndKeptNowhere(): void
    {
        $this->assertSame([true, ''], $this->open(true));
        $this->assertSame([false, 'customer/account/login'], $this->open(false));
        $this->config[Settings::ENABLED] = false;
        $this->assertSame([false, 'customer/account'], $this->open(true));
    }
}
