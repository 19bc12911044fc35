<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Cron\CleanEvents;
use LoyaltyBridge\Loyalty\Cron\SendEvents;
use LoyaltyBridge\Loyalty\Model\Event\EventStorage;
use LoyaltyBridge\Loyalty\Model\Event\Outbox;
use LoyaltyBridge\Loyalty\Model\Event\Transport;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DataObject;
use Magento\Framework\DB\Adapter\DeadlockException;
use Magento\Framework\Event;
use Magento\Framework\Event\Observer;
use Magento\Framework\HTTP\Client\Curl;
use Magento\Framework\HTTP\Client\CurlFactory;
use PHPUnit\Framework\TestCase;

class EventsTest extends TestCase
{
    private const DAY = 86400;

    private Shop $shop;

    protected function setUp(): void
    {
        $this->shop = Shop::told();
    }

    /** @dataProvider happenings */
    public function testWhatHappensIsPutDownOnce(string $event, array $data, string $entity, string $ids): void
    {
        $this->happen($event, $data);
        $rows = $this->shop->waiting();
        self::assertCount(1, $rows);
        self::assertSame([$event, $entity, $ids], [$rows[0]['event'], $rows[0]['entity'], $rows[0]['ids']]);
        self::assertMatchesRegularExpression('/^[0-9a-f]{32}$/', $rows[0]['token']);
    }

    public function happenings(): array
    {
        $order = $this->thing(['id' => 17]);
        $document = $this->thing(['id' => 5, 'order_id' => '17']);
        $customer = $this->thing(['id' => 2]);
        return [
            ['sales_order_save_after', ['order' => $order, 'data_object' => $order], 'order', '["17"]'],
            ['sales_order_invoice_save_after', ['invoice' => $document, 'data_object' => $document], 'order', '["17"]'],
            ['sales_order_shipment_save_after', ['data_object' => $document], 'order', '["17"]'],
            ['sales_order_creditmemo_save_after', ['data_object' => $document], 'order', '["17"]'],
            ['customer_save_after_data_object', ['customer_data_object' => $customer], 'customer', '["2"]'],
        ];
    }

    /** @dataProvider closed */
    public function testNothingIsPutDownWhereNobodyIsThere(string $path): void
    {
        $this->shop->config->setValue($path, '');
        $this->placeOrder(17);
        self::assertSame([], $this->shop->waiting());
    }

    public function closed(): array
    {
        return [[Settings::ENABLED], [Settings::EVENTS_URL], [Settings::EVENTS_SECRET]];
    }

    public function testAFailureOfOursLeavesTheOrderAlone(): void
    {
        $this->shop->put(ResourceConnection::class, $this->broken(new \RuntimeException('no table')));
        $this->placeOrder(17);
        $this->placeOrder(18);
        self::assertCount(1, $this->shop->logged);
        self::assertStringStartsWith('loyalty_bridge order event: ', $this->shop->logged[0]);
    }

    public function testADeadlockTookTheOrderBackToo(): void
    {
        $this->shop->put(ResourceConnection::class, $this->broken(new DeadlockException()));
        $this->expectException(DeadlockException::class);
        $this->placeOrder(17);
    }

    public function testEventsAreSentSignedAndForgotten(): void
    {
        $this->placeOrder(17);
        $token = $this->shop->waiting()[0]['token'];
        $this->shop->get(SendEvents::class)->execute();
        [$url, $headers, $body] = $this->shop->posted[0];
        $told = '{"id":"' . $token . '","event":"sales_order_save_after","entity":"order","ids":["17"]}';
        self::assertSame(['https://bridge.example/hooks/abc', $told], [$url, $body]);
        $signature = hash_hmac('sha256', "1700000000.$body", 'event-secret');
        self::assertSame($token, $headers['X-Loyalty-Bridge-Event-Id']);
        self::assertSame("t=1700000000,v1=$signature", $headers['X-Loyalty-Bridge-Signature']);
        self::assertSame([], $this->shop->waiting());
    }

    public function testWhatSaysTheSameIsSentOnce(): void
    {
        $this->placeOrder(17);
        $this->placeOrder(18);
        $this->placeOrder(17);
        $this->shop->get(SendEvents::class)->execute();
        self::assertCount(2, $this->shop->posted);
        self::assertSame([], $this->shop->waiting());
    }

    public function testTheSameInALaterRunIsSentAgain(): void
    {
        $this->placeOrder(17);
        $this->shop->get(SendEvents::class)->execute();
        $this->placeOrder(17);
        $this->shop->get(SendEvents::class)->execute();
        self::assertCount(2, $this->shop->posted);
    }

    /** @dataProvider refusals */
    public function testWhatDoesNotArriveIsTriedLater(int $status, array $delays): void
    {
        $this->placeOrder(17);
        $token = $this->shop->waiting()[0]['token'];
        foreach ($delays as $attempt => $delay) {
            $this->shop->answers = [$status];
            $this->shop->get(SendEvents::class)->execute();
            $row = $this->shop->waiting()[0];
            self::assertSame([$token, $attempt + 1], [$row['token'], $row['attempts']]);
            self::assertSame($delay, strtotime($row['next_try_at'] . ' UTC') - $this->shop->now);
            self::assertSame("The bridge answered $status.", $row['error']);
            $this->shop->now += $delay - 1;
            $this->shop->get(SendEvents::class)->execute();
            self::assertCount($attempt + 1, $this->shop->posted);
            $this->shop->now += 1;
        }
    }

    public function refusals(): array
    {
        return [
            'in trouble' => [503, [60, 120, 240]],
            'elsewhere' => [302, [60]],
            'nobody there any more' => [410, [self::DAY, self::DAY]],
        ];
    }

    public function testTheDelayHasAnEnd(): void
    {
        $this->placeOrder(17);
        $this->shop->tables->rows['loyalty_bridge_event'][0]['attempts'] = 5000;
        $this->shop->answers = [500];
        $this->shop->get(SendEvents::class)->execute();
        $row = $this->shop->waiting()[0];
        self::assertSame(21600, strtotime($row['next_try_at'] . ' UTC') - $this->shop->now);
    }

    public function testABridgeThatDoesNotAnswerIsNotAskedFurther(): void
    {
        foreach ([1, 2, 3] as $orderId) {
            $this->placeOrder($orderId);
        }
        $this->shop->answers = [new \Exception('Could not resolve host')];
        $this->shop->get(SendEvents::class)->execute();
        self::assertCount(1, $this->shop->posted);
        self::assertSame('Could not resolve host', $this->shop->waiting()[0]['error']);
    }

    public function testTwoSendersNeverSendTheSame(): void
    {
        $this->placeOrder(17);
        $event = (int)$this->shop->waiting()[0]['event_id'];
        $storage = $this->shop->get(EventStorage::class);
        self::assertTrue($storage->claim($event, $this->shop->now + 60));
        self::assertFalse($storage->claim($event, $this->shop->now + 60));
        $this->shop->get(SendEvents::class)->execute();
        self::assertSame([], $this->shop->posted);
        $this->shop->now += 60;
        $this->shop->get(SendEvents::class)->execute();
        self::assertCount(1, $this->shop->posted);
    }

    public function testOldEventsAreGivenUp(): void
    {
        $this->placeOrder(17);
        $this->shop->now += 14 * self::DAY;
        $this->placeOrder(18);
        $this->shop->get(CleanEvents::class)->execute();
        self::assertCount(2, $this->shop->waiting());
        $this->shop->now += 1;
        $this->shop->get(CleanEvents::class)->execute();
        self::assertSame(['["18"]'], array_column($this->shop->waiting(), 'ids'));
    }

    public function testSentAtOnceAfterTheAnswer(): void
    {
        $this->shop->canAnswerEarly = true;
        $this->placeOrder(17);
        $this->placeOrder(18);
        self::assertCount(1, $this->shop->atEnd);
        self::assertSame([], $this->shop->posted);
        $this->shop->end();
        self::assertCount(2, $this->shop->posted);
    }

    public function testNotAtOnceWhereTheTransactionIsOpenOrTheBridgeWasDown(): void
    {
        $this->shop->canAnswerEarly = true;
        $this->placeOrder(17);
        $this->shop->tables->level = 1;
        $this->shop->end();
        self::assertSame([], $this->shop->posted);

        $shop = $this->shop = Shop::told();
        $this->placeOrder(17);
        $shop->answers = [503];
        $shop->get(SendEvents::class)->execute();
        $shop->canAnswerEarly = true;
        $this->placeOrder(18);
        $shop->end();
        self::assertCount(1, $shop->posted);
    }

    public function testOneEventThatIsRefusedForDaysHoldsNobodyUp(): void
    {
        $this->placeOrder(17);
        $this->shop->tables->rows['loyalty_bridge_event'][0]['attempts'] = 9;
        $this->shop->answers = [500];
        $this->shop->get(SendEvents::class)->execute();
        $this->shop->canAnswerEarly = true;
        $this->placeOrder(18);
        $this->shop->end();
        self::assertCount(2, $this->shop->posted);
    }

    public function testASlowBridgeKeepsFewOfTheShopsProcesses(): void
    {
        foreach (range(1, 8) as $orderId) {
            $this->placeOrder($orderId);
            $row = $this->shop->waiting()[$orderId - 1];
            $this->shop->get(EventStorage::class)->claim((int)$row['event_id'], $this->shop->now + 60);
        }
        $this->shop->canAnswerEarly = true;
        $this->placeOrder(17);
        $this->shop->end();
        self::assertSame([], $this->shop->posted);
        $this->shop->get(SendEvents::class)->execute();
        self::assertCount(1, $this->shop->posted);
    }

    public function testTheTransportFollowsNothingAndHasTimeOuts(): void
    {
        $client = new Curl();
        $client->status = 302;
        $factory = $this->createMock(CurlFactory::class);
        $factory->method('create')->willReturn($client);
        $status = (new Transport($factory))->post('https://bridge.example/', ['X-A' => 'b'], '{}', 60);
        self::assertSame(302, $status);
        self::assertSame(['https://bridge.example/', '{}'], $client->seen['post']);
        self::assertSame(10, $client->seen['timeout']);
        self::assertSame(5, $client->seen['options'][CURLOPT_CONNECTTIMEOUT]);
        self::assertFalse($client->seen['options'][CURLOPT_FOLLOWLOCATION]);
        self::assertSame(CURL_HTTP_VERSION_1_1, $client->seen['options'][CURLOPT_HTTP_VERSION]);
        self::assertSame(CURLPROTO_HTTP | CURLPROTO_HTTPS, $client->seen['options'][CURLOPT_PROTOCOLS]);
        self::assertSame(7, $client->seen['options'][CURLOPT_WRITEFUNCTION](null, 'ignored'));
    }

    private function placeOrder(int $orderId): void
    {
        $order = $this->thing(['id' => $orderId]);
        $this->happen('sales_order_save_after', ['order' => $order, 'data_object' => $order]);
    }

    /** Every observer that events.xml names for it. */
    private function happen(string $name, array $data): void
    {
        $event = new class ($data + ['name' => $name]) extends Event {
            public function getName()
            {
                return $this->getData('name');
            }
        };
        foreach (simplexml_load_file(LOYALTY_BRIDGE_MODULE . '/etc/events.xml')->event as $known) {
            foreach ((string)$known['name'] === $name ? $known->observer : [] as $observer) {
                if (str_starts_with((string)$observer['name'], 'loyalty_bridge_voucher')) {
                    continue;
                }
                $this->shop->get((string)$observer['instance'])->execute(new Observer(['event' => $event]));
            }
        }
    }

    private function thing(array $data): DataObject
    {
        return new class ($data) extends DataObject {
            public function getId()
            {
                return $this->getData('id');
            }

            public function getOrderId()
            {
                return $this->getData('order_id');
            }
        };
    }

    private function broken(\Exception $failure): ResourceConnection
    {
        $resource = $this->createMock(ResourceConnection::class);
        $resource->method('getConnection')->willThrowException($failure);
        return $resource;
    }
}
