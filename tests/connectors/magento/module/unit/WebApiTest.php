<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Gift\RuleStorage;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\Version;
use PHPUnit\Framework\TestCase;

class WebApiTest extends TestCase
{
    private Shop $shop;
    private WebApi $api;

    protected function setUp(): void
    {
        $this->shop = new Shop();
        $this->api = new WebApi($this->shop);
    }

    public function testItSaysWhatItIs(): void
    {
        $state = ['version' => Version::NUMBER, 'api' => 1, 'is_active' => true, 'told' => '', 'waiting' => 0,
            'oldest_waiting' => 0];
        self::assertSame([200, $state], $this->api->call('GET', 'module'));
        $this->shop->config->setValue(Settings::ENABLED, '0');
        self::assertFalse($this->api->call('GET', 'module')[1]['is_active']);
    }

    public function testSettingsAreKeptEncryptedNeverShownAndWrittenOnlyWhenNew(): void
    {
        $told = ['events_url' => 'https://bridge.example/h', 'events_secret' => 's-1', 'link_secret' => 's-2',
            'member_url' => 'https://bridge.example/m/a/from/b', 'points_label' => 'Sterne', 'told' => 'state-1'];
        [$status, $state] = $this->api->call('PUT', 'settings', ['settings' => $told]);
        self::assertSame([200, 'state-1'], [$status, $state['told']]);
        self::assertStringNotContainsString('s-1', json_encode([$state, $this->shop->config->stored]));
        $settings = $this->shop->get(Settings::class);
        self::assertSame(['s-1', 's-2'], [$settings->eventsSecret(), $settings->linkSecret()]);

        $writes = $this->shop->config->writes;
        $this->api->call('PUT', 'settings', ['settings' => ['events_secret' => '', 'link_secret' => ''] + $told]);
        self::assertSame($writes, $this->shop->config->writes);
        self::assertSame('s-1', $settings->eventsSecret());
    }

    /** @dataProvider strangeAddresses */
    public function testAnAddressThatIsNoneIsRefused(string $url): void
    {
        self::assertSame(400, $this->api->call('PUT', 'settings', ['settings' => ['events_url' => $url]])[0]);
        self::assertSame(0, $this->shop->config->writes);
    }

    public function strangeAddresses(): array
    {
        return [['file:///etc/passwd'], ['bridge.example'], ['ftp://bridge.example/'], ['https://a b/'],
            ['https://u:p@bridge.example/'], ['https://bridge.example/?a=b'], ["https://bridge.example/\n"]];
    }

    public function testForgettingLeavesNothingButTheSwitch(): void
    {
        $this->shop = Shop::told();
        $this->api = new WebApi($this->shop);
        $this->api->call('POST', 'vouchers', ['vouchers' => [['code' => 'A', 'customer_ids' => [1]]]]);
        $this->api->call('POST', 'balances', ['balances' => [$this->balance(1)]]);
        $this->api->call('PUT', 'gifts/gift-1', ['gift' => $this->gift('gift-1')]);
        $this->shop->answers = [500];
        $this->api->call('POST', 'hello', ['nonce' => 'abcdefgh']);
        self::assertSame([200, true], $this->api->call('DELETE', 'settings'));
        self::assertSame([Settings::ENABLED => '1'], $this->shop->config->stored);
        $tables = array_diff_key($this->shop->tables->rows, ['customer_entity' => 0]);
        self::assertSame([], array_filter($tables));
    }

    public function testBalancesAreTakenForWhomIsThere(): void
    {
        $told = [
            $this->balance(17),
            $this->balance(99),
            ['available' => 3] + $this->balance(1, ['pending' => -1]),
            array_diff_key($this->balance(2), ['available' => 0]),
            $this->balance(2, ['expires_on' => 'soon']),
            ['pending' => 3],
        ];
        [$status, $refused] = $this->api->call('POST', 'balances', ['balances' => $told]);
        self::assertSame(200, $status);
        self::assertSame([1, 2, 2, 0, 99], array_column($refused, 'customer_id'));
        self::assertNotContains('', array_column($refused, 'message'));

        $known = ['customer_id' => 17, 'is_set' => true, 'available' => 5, 'pending' => 2, 'tier' => 'Gold ★',
            'tier_key' => 'gold', 'expiring' => 1, 'expires_on' => '2030-12-31'];
        $none = ['customer_id' => 1, 'is_set' => false, 'available' => 0, 'pending' => 0, 'tier' => '',
            'tier_key' => '', 'expiring' => 0, 'expires_on' => ''];
        self::assertSame([200, [$none, $known]], $this->api->call('GET', 'balances?customerIds=17,1,99'));
        self::assertSame([200, true], $this->api->call('DELETE', 'balances'));
        self::assertFalse($this->api->call('GET', 'balances?customerIds=17')[1][0]['is_set']);
    }

    public function testManyBalancesAreAFewStatements(): void
    {
        $rows = [];
        for ($id = 100; $id < 600; $id++) {
            $this->shop->tables->rows['customer_entity'][] = ['entity_id' => $id];
            $rows[] = $this->balance($id);
        }
        $this->shop->tables->statements = 0;
        self::assertSame([200, []], $this->api->call('POST', 'balances', ['balances' => $rows]));
        self::assertSame(2, $this->shop->tables->statements);
        $rows[] = $this->balance(600);
        self::assertSame(400, $this->api->call('POST', 'balances', ['balances' => $rows])[0]);
        $ids = implode(',', range(1, 501));
        self::assertSame(400, $this->api->call('GET', "balances?customerIds=$ids")[0]);
        self::assertSame(400, $this->api->call('GET', 'balances?customerIds=1,x')[0]);
    }

    public function testACustomerSeesHisOwnPointsAlone(): void
    {
        $this->api->call('POST', 'balances', ['balances' => [$this->balance(17)]]);
        $own = ['is_member' => true, 'available' => 5, 'pending' => 2, 'tier' => 'Gold ★', 'expiring' => 1,
            'expires_on' => '2030-12-31'];
        self::assertSame([200, $own], $this->api->call('GET', 'me?customerId=1', [], 17));
        self::assertFalse($this->api->call('GET', 'me?customerId=17', [], 1)[1]['is_member']);
        $this->shop->config->setValue(Settings::ENABLED, '0');
        self::assertFalse($this->api->call('GET', 'me', [], 17)[1]['is_member']);
    }

    public function testAGiftRuleIsKeptByteForByte(): void
    {
        $gift = $this->gift('gift-1', ['says' => ['de' => "Tasse \u{1F381} <b>'\"\\"]]);
        self::assertSame([200, $gift], $this->api->call('PUT', 'gifts/gift-1', ['gift' => $gift]));
        self::assertSame([200, [$gift]], $this->api->call('GET', 'gifts'));
        self::assertSame(['gift-1'], array_keys($this->shop->get(RuleStorage::class)->ofWebsite(1)));
        self::assertSame([], $this->shop->get(RuleStorage::class)->ofWebsite(2));
        self::assertSame([200, true], $this->api->call('DELETE', 'gifts/gift-1'));
        self::assertSame([200, true], $this->api->call('DELETE', 'gifts/gift-1'));
        self::assertSame([200, []], $this->api->call('GET', 'gifts'));
    }

    /** @dataProvider strangeGifts */
    public function testAGiftRuleThatIsNotUnderstoodIsRefused(array $changed): void
    {
        $gift = array_intersect_key($changed, ['key' => 0, 'website_id' => 0, 'rule' => 0])
            + $this->gift('gift-1', array_diff_key($changed, ['key' => 0, 'website_id' => 0, 'rule' => 0]));
        self::assertSame(400, $this->api->call('PUT', 'gifts/gift-1', ['gift' => $gift])[0]);
        self::assertSame([200, []], $this->api->call('GET', 'gifts'));
    }

    public function strangeGifts(): array
    {
        return [
            'another key' => [['key' => 'gift-2']],
            'no such website' => [['website_id' => 9]],
            'all websites' => [['website_id' => 0]],
            'no JSON' => [['rule' => '{']],
            'a later version' => [['v' => 2]],
            'nothing free' => [['quantity' => 0]],
            'too much' => [['quantity' => 100]],
            'quantity as text' => [['quantity' => '1']],
            'no product' => [['sku' => ' ']],
            'amount as number' => [['amount' => 100]],
            'negative amount' => [['amount' => '-1']],
            'amount with an end of line' => [['amount' => "1\n"]],
            'no currency' => [['currency' => '']],
            'net or gross' => [['gross' => 1]],
            'groups as numbers' => [['groups' => [1]]],
            'groups by name' => [['groups' => ['a' => '1']]],
            'an end in words' => [['until' => 'tomorrow']],
        ];
    }

    public function testAtMostFiftyRulesAWebsite(): void
    {
        for ($number = 1; $number <= 50; $number++) {
            $this->api->call('PUT', "gifts/gift-$number", ['gift' => $this->gift("gift-$number")]);
        }
        self::assertSame(400, $this->api->call('PUT', 'gifts/gift-51', ['gift' => $this->gift('gift-51')])[0]);
        self::assertSame(200, $this->api->call('PUT', 'gifts/gift-50', ['gift' => $this->gift('gift-50')])[0]);
    }

    public function testOwnersOfCodes(): void
    {
        $told = [
            ['code' => 'lb-1', 'customer_ids' => [2, 1, 2], 'email' => ''],
            ['code' => 'LB-2', 'customer_ids' => [], 'email' => 'Ann@Example.COM'],
            ['code' => '', 'customer_ids' => []],
            ['code' => 'LB-3'],
            ['code' => 'LB-4', 'customer_ids' => [-1]],
            ['code' => 'LB-5', 'customer_ids' => [0]], // nobody yet
            ['code' => 'A,B', 'customer_ids' => []],
        ];
        [$status, $refused] = $this->api->call('POST', 'vouchers', ['vouchers' => $told]);
        self::assertSame([200, ['', 'LB-3', 'LB-4', 'A,B']], [$status, array_column($refused, 'code')]);
        $one = ['code' => 'LB-1', 'customer_ids' => [2, 1], 'email' => '', 'is_claimed' => false,
            'order_increment' => ''];
        $two = ['code' => 'LB-2', 'customer_ids' => [], 'email' => 'ann@example.com'] + $one;
        [, $found] = $this->api->call('GET', 'vouchers?codes=lb-2,LB-1,LB-9');
        self::assertEquals([$one, $two], $found);
        self::assertSame([200, true], $this->api->call('POST', 'vouchers/forget', ['codes' => ['lb-1', 'none']]));
        self::assertSame(['LB-2'], array_column($this->api->call('GET', 'vouchers?codes=LB-1,LB-2')[1], 'code'));
        $many = implode(',', range(1, 101));
        self::assertSame(400, $this->api->call('GET', "vouchers?codes=$many")[0]);
    }

    public function testHelloIsSentAtOnce(): void
    {
        self::assertSame(400, $this->api->call('POST', 'hello', ['nonce' => 'abcdefgh'])[0]);
        $this->shop = Shop::told();
        $this->api = new WebApi($this->shop);
        self::assertSame(400, $this->api->call('POST', 'hello', ['nonce' => 'short'])[0]);
        self::assertSame([200, true], $this->api->call('POST', 'hello', ['nonce' => 'abcdefgh']));
        $body = '{"id":"hello-abcdefgh","event":"hello","entity":"","ids":[]}';
        self::assertSame([$body], array_column($this->shop->posted, 2));
        self::assertSame([], $this->shop->waiting());

        $this->shop->canAnswerEarly = true;
        $this->api->call('POST', 'hello', ['nonce' => 'ijklmnop']);
        self::assertCount(1, $this->shop->posted);
        $this->shop->end();
        self::assertCount(2, $this->shop->posted);
    }

    public function testEveryServiceIsTheBridgesOrOnesOwn(): void
    {
        foreach (simplexml_load_file(LOYALTY_BRIDGE_MODULE . '/etc/webapi.xml')->route as $route) {
            $wanted = (string)$route['url'] === '/V1/loyalty-bridge/me' ? 'self' : 'LoyaltyBridge_Loyalty::bridge';
            self::assertSame($wanted, (string)$route->resources->resource['ref']);
        }
    }

    private function balance(int $customerId, array $changed = []): array
    {
        return $changed + ['customer_id' => $customerId, 'available' => 5, 'pending' => 2, 'tier' => 'Gold ★',
            'tier_key' => 'gold', 'expiring' => 1, 'expires_on' => '2030-12-31'];
    }

    private function gift(string $key, array $changed = []): array
    {
        $rule = $changed + ['v' => 1, 'mark' => 'acme/shop', 'key' => $key, 'rule' => 'mug', 'sku' => 'FREE-1',
            'quantity' => 1, 'amount' => '100.0000', 'currency' => 'EUR', 'gross' => false,
            'after_discounts' => false, 'groups' => ['1'], 'tiers' => [], 'from' => null, 'until' => null,
            'says' => []];
        return ['key' => $key, 'website_id' => 1, 'rule' => json_encode($rule)];
    }
}
