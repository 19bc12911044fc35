<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

use LoyaltyBridge\Loyalty\Model\Clock;
use Magento\Framework\App\ResourceConnection;

/**
 * The table loyalty_bridge_voucher. A code that is not in it is none of ours.
 */
class OwnerStorage
{
    private const TABLE = 'loyalty_bridge_voucher';

    /**
     * @param ResourceConnection $resource
     * @param Clock $clock
     */
    public function __construct(
        private readonly ResourceConnection $resource,
        private readonly Clock $clock
    ) {
    }

    /**
     * A code as the table writes it.
     *
     * @param string $code
     * @return string
     */
    public function normal(string $code): string
    {
        return mb_strtoupper(trim($code), 'UTF-8');
    }

    /**
     * Whose a code is; null: none of ours. The database decides what is the same code: it folds accents, for
     * coupons as well.
     *
     * @param string $code
     * @return Owner|null
     */
    public function of(string $code): ?Owner
    {
        $found = $this->ofMany([$code]);
        return reset($found) ?: null;
    }

    /**
     * The same as it is at this moment, and kept so until the transaction ends where there is one: in it an
     * ordinary question could be answered from before another order was placed.
     *
     * @param string $code
     * @return Owner|null
     */
    public function locked(string $code): ?Owner
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->table())
            ->where('code = ?', $this->normal($code))
            ->forUpdate(true);
        $row = $connection->fetchRow($select);
        return $row ? $this->read($row) : null;
    }

    /**
     * Owners by code, in upper case.
     *
     * @param string[] $codes
     * @return Owner[]
     */
    public function ofMany(array $codes): array
    {
        if ($codes === []) {
            return [];
        }
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->table())
            ->where('code IN (?)', array_map([$this, 'normal'], array_values($codes)))
            ->order('code');
        $found = [];
        foreach ($connection->fetchAll($select) as $row) {
            $owner = $this->read($row);
            $found[$owner->code] = $owner;
        }
        return $found;
    }

    /**
     * Sets owners; a claim stays.
     *
     * @param Owner[] $owners
     * @return void
     */
    public function save(array $owners): void
    {
        if ($owners === []) {
            return;
        }
        $now = $this->clock->stamp($this->clock->now());
        $rows = [];
        foreach ($owners as $owner) {
            $rows[] = [
                'code' => $this->normal($owner->code),
                'customer_ids' => json_encode(array_values($owner->customerIds), JSON_THROW_ON_ERROR),
                'email' => $owner->email,
                'updated_at' => $now,
            ];
        }
        $this->resource->getConnection()->insertOnDuplicate(
            $this->table(),
            $rows,
            ['customer_ids', 'email'] // since when it is claimed stays
        );
    }

    /**
     * Takes a code for an order that is being placed, as long as nobody took it since it was read:
     * atomically. True: it is this order's now, or none of ours; false: another one has it.
     *
     * @param Owner $seen as it was read
     * @param int $quoteId
     * @param string $incrementId
     * @return bool
     */
    public function claim(Owner $seen, int $quoteId, string $incrementId): bool
    {
        $connection = $this->resource->getConnection();
        $changed = $connection->update(
            $this->table(),
            [
                'quote_id' => $quoteId,
                'order_increment' => $incrementId,
                'updated_at' => $this->clock->stamp($this->clock->now()),
            ],
            $seen->quoteId === null
                ? ['code = ?' => $seen->code, 'quote_id IS NULL']
                : $this->held($seen->code, $seen->quoteId, $seen->orderIncrement)
        );
        if ($changed > 0) {
            return true;
        }
        // The same values as before count as no change; and a transaction could show an old row.
        $now = $this->locked($seen->code);
        return $now === null || ($now->quoteId === $quoteId && $now->orderIncrement === $incrementId);
    }

    /**
     * Takes those of these codes that nobody has.
     *
     * @param string[] $codes
     * @param int $quoteId
     * @param string $incrementId
     * @return void
     */
    public function claimFree(array $codes, int $quoteId, string $incrementId): void
    {
        $this->resource->getConnection()->update(
            $this->table(),
            [
                'quote_id' => $quoteId,
                'order_increment' => $incrementId,
                'updated_at' => $this->clock->stamp($this->clock->now()),
            ],
            ['code IN (?)' => array_map([$this, 'normal'], array_values($codes)), 'quote_id IS NULL']
        );
    }

    /**
     * Lets a code go that this order has.
     *
     * @param string $code
     * @param int $quoteId
     * @param string $incrementId
     * @return void
     */
    public function release(string $code, int $quoteId, string $incrementId): void
    {
        $this->resource->getConnection()->update(
            $this->table(),
            ['quote_id' => null, 'order_increment' => null],
            $this->held($this->normal($code), $quoteId, $incrementId)
        );
    }

    /**
     * Forgets codes; one that is not there is no error.
     *
     * @param string[] $codes
     * @return void
     */
    public function forget(array $codes): void
    {
        if ($codes !== []) {
            $normal = array_map([$this, 'normal'], array_values($codes));
            $this->resource->getConnection()->delete($this->table(), ['code IN (?)' => $normal]);
        }
    }

    /**
     * Forgets all.
     *
     * @return void
     */
    public function clear(): void
    {
        $this->resource->getConnection()->delete($this->table());
    }

    /**
     * The condition that an order has a code.
     *
     * @param string $code
     * @param int $quoteId
     * @param string $incrementId
     * @return array
     */
    private function held(string $code, int $quoteId, string $incrementId): array
    {
        return ['code = ?' => $code, 'quote_id = ?' => $quoteId, 'order_increment = ?' => $incrementId];
    }

    /**
     * Its name in this database.
     *
     * @return string
     */
    private function table(): string
    {
        return $this->resource->getTableName(self::TABLE);
    }

    /**
     * A row of the table. Owners that cannot be read are nobody, never anybody.
     *
     * @param array $row
     * @return Owner
     */
    private function read(array $row): Owner
    {
        $ids = json_decode((string)$row['customer_ids'], true);
        return new Owner(
            (string)$row['code'],
            is_array($ids) ? array_map('intval', $ids) : [0],
            (string)$row['email'],
            $row['quote_id'] === null ? null : (int)$row['quote_id'],
            (string)$row['order_increment']
        );
    }
}
