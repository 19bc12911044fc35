<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Gift\OpenCarts;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Observer\Gift\ClearWhenSwitchedOff;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DataObject;
use Magento\Framework\Event\Observer;
use PHPUnit\Framework\TestCase;
use Psr\Log\LoggerInterface;

class OpenCartsTest extends TestCase
{
    private Tables $tables;

    protected function setUp(): void
    {
        $this->tables = new Tables();
        $this->tables->rows['quote'] = [
            ['entity_id' => '1', 'is_active' => '1', 'trigger_recollect' => '0'],
            ['entity_id' => '2', 'is_active' => '0', 'trigger_recollect' => '0'],
            ['entity_id' => '3', 'is_active' => '1', 'trigger_recollect' => '0'],
        ];
        $this->tables->rows['quote_item'] = [
            ['item_id' => '1', 'quote_id' => '1', 'loyalty_bridge_gift' => null],
            ['item_id' => '2', 'quote_id' => '1', 'loyalty_bridge_gift' => 'gift-mug'],
            ['item_id' => '3', 'quote_id' => '2', 'loyalty_bridge_gift' => 'gift-mug'],
            ['item_id' => '4', 'quote_id' => '3', 'loyalty_bridge_gift' => null],
        ];
    }

    public function testGiftsLeaveTheCartsThatCanStillBeOrdered(): void
    {
        $carts = new OpenCarts(new ResourceConnection($this->tables));
        $this->assertSame([1, 0], [$carts->clear(), $carts->clear()]);
        $this->assertSame(['1', '3', '4'], array_column($this->tables->rows['quote_item'], 'item_id'));
        $this->assertEquals([1, 0, 0], array_column($this->tables->rows['quote'], 'trigger_recollect'));
    }

    public function testManyAreTakenOutInParts(): void
    {
        $this->tables->rows['quote_item'] = [];
        for ($i = 1; $i <= 2500; $i++) {
            $line = ['item_id' => $i, 'quote_id' => $i % 2 + 1, 'loyalty_bridge_gift' => 'gift-mug'];
            $this->tables->rows['quote_item'][] = $line;
        }
        $this->assertSame(1250, (new OpenCarts(new ResourceConnection($this->tables)))->clear());
    }

    /**
     * @dataProvider switches
     */
    public function testTheyLeaveWhenTheModuleIsSwitchedOff(string $path, ?string $value, int $left): void
    {
        $log = new Log($this->createStub(LoggerInterface::class));
        $observer = new ClearWhenSwitchedOff(new OpenCarts(new ResourceConnection($this->tables)), $log);
        $observer->execute(new Observer(['config_data' => new DataObject(['path' => $path, 'value' => $value])]));
        $this->assertCount($left, $this->tables->rows['quote_item']);
    }

    public function switches(): array
    {
        return [
            'off' => [Settings::ENABLED, '0', 3],
            'on' => [Settings::ENABLED, '1', 4],
            'another setting' => ['general/enabled', '0', 4],
        ];
    }
}
