<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Resolver\CustomerBalance;
use LoyaltyBridge\Loyalty\Plugin\OrderMarks;
use Magento\Framework\GraphQl\Config\Element\Field;
use Magento\Framework\GraphQl\Schema\Type\ResolveInfo;
use Magento\Sales\Api\OrderRepositoryInterface;
use PHPUnit\Framework\TestCase;

/**
 * What GraphQL and the orders in REST show.
 */
class ShownToOthersTest extends TestCase
{
    /** @dataProvider askers */
    public function testPointsAreShownToTheirOwnerAlone(int $type, int $asking, bool $isShown): void
    {
        $shop = new Shop();
        $shop->get(BalanceStorage::class)->save([new Balance(17, 3_000_000_000, 2, 'Gold')]);
        $customer = new class {
            public function getId()
            {
                return '17';
            }
        };
        $context = new class ($type, $asking) {
            public function __construct(private readonly int $type, private readonly int $id)
            {
            }

            public function getUserType()
            {
                return $this->type;
            }

            public function getUserId()
            {
                return $this->id;
            }
        };
        $resolver = $shop->get(CustomerBalance::class);
        $shown = $resolver->resolve(new Field(), $context, new ResolveInfo(), ['model' => $customer]);
        $wanted = ['is_member' => true, 'available' => 2147483647, 'pending' => 2, 'tier' => 'Gold',
            'expiring' => 0, 'expires_on' => ''];
        self::assertSame($isShown ? $wanted : null, $shown);
        self::assertNull($resolver->resolve(new Field(), $context, new ResolveInfo(), null));
    }

    public function askers(): array
    {
        return [
            'himself' => [3, 17, true],
            'another customer' => [3, 18, false],
            'an admin of the same number' => [2, 17, false],
            'an integration of the same number' => [1, 17, false],
            'a guest' => [4, 0, false],
        ];
    }

    public function testOrdersShowWhoReferredAndWhatIsAGift(): void
    {
        $gift = $this->row(['loyalty_bridge_gift' => 'gift-1']);
        $paid = $this->row(['loyalty_bridge_gift' => null]);
        $order = $this->row(['loyalty_bridge_referral' => 'ANN-1', 'items' => [$paid, $gift]]);
        $plugin = (new Shop())->get(OrderMarks::class);
        $repository = $this->createMock(OrderRepositoryInterface::class);
        self::assertSame($order, $plugin->afterGet($repository, $order));
        self::assertSame('ANN-1', $order->extension->said['setLoyaltyBridgeReferral']);
        self::assertSame('gift-1', $gift->extension->said['setLoyaltyBridgeGift']);
        self::assertSame([], $paid->extension->said);
    }

    public function testAnOrderIsShownWhateverHappens(): void
    {
        $shop = new Shop();
        $strange = new \stdClass();
        $repository = $this->createMock(OrderRepositoryInterface::class);
        self::assertSame($strange, $shop->get(OrderMarks::class)->afterGet($repository, $strange));
        self::assertCount(1, $shop->logged);
    }

    private function row(array $data): object
    {
        $extension = new class {
            public array $said = [];

            public function __call($name, $arguments)
            {
                $this->said[$name] = $arguments[0];
            }
        };
        return new class ($data, $extension) {
            public function __construct(private readonly array $data, public readonly object $extension)
            {
            }

            public function getData($key)
            {
                return $this->data[$key] ?? null;
            }

            public function getItems()
            {
                return $this->data['items'];
            }

            public function getExtensionAttributes()
            {
                return $this->extension;
            }

            public function setExtensionAttributes($extension)
            {
            }
        };
    }
}
