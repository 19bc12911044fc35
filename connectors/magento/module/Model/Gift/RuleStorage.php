<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

use LoyaltyBridge\Loyalty\Model\Clock;
use Magento\Framework\App\ResourceConnection;

/**
 * The table loyalty_bridge_gift: the texts of gift rules, byte for byte as the bridge told them.
 */
class RuleStorage
{
    /** Rules a website at most. */
    public const MOST = 50;

    private const TABLE = 'loyalty_bridge_gift';

    /** @var array<int, array[]> by website, for this request */
    private array $read = [];

    /**
     * @param ResourceConnection $resource
     * @param RuleText $text
     * @param Clock $clock
     */
    public function __construct(
        private readonly ResourceConnection $resource,
        private readonly RuleText $text,
        private readonly Clock $clock
    ) {
    }

    /**
     * The decoded rules of a website, by key; those that are not understood are left out.
     *
     * @param int $websiteId
     * @return array[]
     */
    public function ofWebsite(int $websiteId): array
    {
        if (!isset($this->read[$websiteId])) {
            $found = [];
            foreach ($this->rows(['website_id = ?' => $websiteId]) as $row) {
                $rule = $this->text->read($row['rule'], $row['key']);
                if ($rule !== null) {
                    $found[$row['key']] = $rule;
                }
            }
            $this->read[$websiteId] = array_slice($found, 0, self::MOST, true);
        }
        return $this->read[$websiteId];
    }

    /**
     * All rows, as told: key, website_id, rule.
     *
     * @return array[]
     */
    public function all(): array
    {
        return $this->rows([]);
    }

    /**
     * How many other rules a website has.
     *
     * @param int $websiteId
     * @param string $key
     * @return int
     */
    public function countOthers(int $websiteId, string $key): int
    {
        return count($this->rows(['website_id = ?' => $websiteId, 'gift_key <> ?' => $key]));
    }

    /**
     * Keeps a rule.
     *
     * @param string $key
     * @param int $websiteId
     * @param string $rule
     * @return void
     */
    public function save(string $key, int $websiteId, string $rule): void
    {
        $this->read = [];
        $row = [
            'gift_key' => $key,
            'website_id' => $websiteId,
            'rule' => $rule,
            'updated_at' => $this->clock->stamp($this->clock->now()),
        ];
        $this->resource->getConnection()->insertOnDuplicate(
            $this->resource->getTableName(self::TABLE),
            [$row],
            ['website_id', 'rule', 'updated_at']
        );
    }

    /**
     * Forgets a rule; one that is not there is no error.
     *
     * @param string $key
     * @return void
     */
    public function forget(string $key): void
    {
        $this->read = [];
        $this->resource->getConnection()->delete(
            $this->resource->getTableName(self::TABLE),
            ['gift_key = ?' => $key]
        );
    }

    /**
     * Forgets all.
     *
     * @return void
     */
    public function clear(): void
    {
        $this->read = [];
        $this->resource->getConnection()->delete($this->resource->getTableName(self::TABLE));
    }

    /**
     * Rows in the order of their keys.
     *
     * @param array $conditions
     * @return array[]
     */
    private function rows(array $conditions): array
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName(self::TABLE), ['gift_key', 'website_id', 'rule'])
            ->order('gift_key');
        foreach ($conditions as $condition => $value) {
            $select->where($condition, $value);
        }
        $found = [];
        foreach ($connection->fetchAll($select) as $row) {
            $found[] = [
                'key' => (string)$row['gift_key'],
                'website_id' => (int)$row['website_id'],
                'rule' => (string)$row['rule'],
            ];
        }
        return $found;
    }
}
