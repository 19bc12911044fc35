<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Voucher\Owner;
use LoyaltyBridge\Loyalty\Model\Voucher\OwnerStorage;
use PHPUnit\Framework\TestCase;

class OwnerStorageTest extends TestCase
{
    private OwnerStorage $storage;
    private Shop $shop;

    protected function setUp(): void
    {
        $this->shop = new Shop();
        $this->storage = $this->shop->get(OwnerStorage::class);
        $this->storage->save([new Owner('LB-1', [17])]);
    }

    public function testOfThoseWhoSawItFreeOneGetsIt(): void
    {
        $seen = $this->storage->locked('LB-1');
        self::assertTrue($this->storage->claim($seen, 5, '000000005'));
        self::assertFalse($this->storage->claim($seen, 6, '000000006'));
        self::assertFalse($this->storage->claim($seen, 5, '000000006'));
        self::assertTrue($this->storage->claim($seen, 5, '000000005'));
        $owner = $this->storage->of(' lb-1');
        self::assertSame([5, '000000005', [17]], [$owner->quoteId, $owner->orderIncrement, $owner->customerIds]);
    }

    public function testOnlyWhoHoldsItLetsItGo(): void
    {
        $seen = $this->storage->locked('LB-1');
        $this->storage->claim($seen, 5, '000000005');
        $this->storage->release('LB-1', 6, '000000005');
        $this->storage->release('LB-1', 5, '000000006');
        $this->storage->claimFree(['LB-1'], 6, '000000006');
        self::assertSame(5, $this->storage->of('LB-1')->quoteId);
        $this->storage->release('lb-1', 5, '000000005');
        self::assertTrue($this->storage->claim($seen, 6, '000000006'));
    }

    public function testNewOwnersKeepTheClaim(): void
    {
        $this->storage->claim($this->storage->locked('LB-1'), 5, '000000005');
        $this->storage->save([new Owner('LB-1', [], 'ann@example.com')]);
        self::assertSame(5, $this->storage->of('LB-1')->quoteId);
        self::assertSame('ann@example.com', $this->storage->of('LB-1')->email);
    }

    public function testACodeOfTheMerchantsOwnIsNoneOfOurs(): void
    {
        self::assertNull($this->storage->of('SUMMER'));
        self::assertTrue($this->storage->claim(new Owner('SUMMER'), 5, '000000005'));
    }

    public function testOwnersThatCannotBeReadAreNobody(): void
    {
        $this->shop->tables->rows['loyalty_bridge_voucher'][0]['customer_ids'] = 'broken';
        self::assertSame([0], $this->storage->of('LB-1')->customerIds);
    }
}
