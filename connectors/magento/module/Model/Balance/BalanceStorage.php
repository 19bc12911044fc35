<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Balance;

use LoyaltyBridge\Loyalty\Model\Clock;
use Magento\Framework\App\ResourceConnection;

/**
 * The table loyalty_bridge_balance. Written by the bridge's own calls alone.
 */
class BalanceStorage
{
    private const TABLE = 'loyalty_bridge_balance';
    private const COLUMNS = ['available', 'pending', 'tier', 'tier_key', 'expiring', 'expires_on'];

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
     * The balance of a customer; null: the bridge told none.
     *
     * @param int $customerId
     * @return Balance|null
     */
    public function of(int $customerId): ?Balance
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName(self::TABLE))
            ->where('customer_id = ?', $customerId);
        $row = $connection->fetchRow($select);
        return $row ? $this->read($row) : null;
    }

    /**
     * Which of these customers are there.
     *
     * @param int[] $customerIds
     * @return int[]
     */
    public function known(array $customerIds): array
    {
        if ($customerIds === []) {
            return [];
        }
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName('customer_entity'), ['entity_id'])
            ->where('entity_id IN (?)', $customerIds)
            ->order('entity_id');
        return array_map('intval', $connection->fetchCol($select));
    }

    /**
     * The balances of several customers, by customer id.
     *
     * @param int[] $customerIds
     * @return Balance[]
     */
    public function ofMany(array $customerIds): array
    {
        if ($customerIds === []) {
            return [];
        }
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName(self::TABLE))
            ->where('customer_id IN (?)', $customerIds);
        $found = [];
        foreach ($connection->fetchAll($select) as $row) {
            $found[(int)$row['customer_id']] = $this->read($row);
        }
        return $found;
    }

    /**
     * Sets balances of customers who are there, in one statement.
     *
     * @param Balance[] $balances
     * @return void
     */
    public function save(array $balances): void
    {
        if ($balances === []) {
            return;
        }
        $now = $this->clock->stamp($this->clock->now());
        $rows = [];
        foreach ($balances as $balance) {
            $rows[] = [
                'customer_id' => $balance->customerId,
                'available' => $balance->available,
                'pending' => $balance->pending,
                'tier' => $balance->tier,
                'tier_key' => $balance->tierKey,
                'expiring' => $balance->expiring,
                'expires_on' => $balance->expiresOn,
                'updated_at' => $now,
            ];
        }
        $this->resource->getConnection()->insertOnDuplicate(
            $this->resource->getTableName(self::TABLE),
            $rows,
            [...self::COLUMNS, 'updated_at']
        );
    }

    /**
     * Forgets all.
     *
     * @return void
     */
    public function clear(): void
    {
        $this->resource->getConnection()->delete($this->resource->getTableName(self::TABLE));
    }

    /**
     * A row of the table.
     *
     * @param array $row
     * @return Balance
     */
    private function read(array $row): Balance
    {
        return new Balance(
            (int)$row['customer_id'],
            (int)$row['available'],
            (int)$row['pending'],
            (string)$row['tier'],
            (string)$row['tier_key'],
            (int)$row['expiring'],
            (string)$row['expires_on']
        );
    }
}
