<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

use Magento\Framework\App\ResourceConnection;

/**
 * The table loyalty_bridge_told: the bridge's name for what it told last. Not in the configuration,
 * which outlives the module's tables: a name that stayed would say that rules and balances are there.
 */
class ToldStorage
{
    private const TABLE = 'loyalty_bridge_told';
    private const NAME = 'settings';

    /**
     * @param ResourceConnection $resource
     */
    public function __construct(private readonly ResourceConnection $resource)
    {
    }

    /**
     * The name; empty: nothing was told, or the module was taken out since.
     *
     * @return string
     */
    public function read(): string
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName(self::TABLE), ['value'])
            ->where('name = ?', self::NAME);
        $value = $connection->fetchOne($select);
        return is_string($value) ? $value : '';
    }

    /**
     * Keeps the name.
     *
     * @param string $value
     * @return void
     */
    public function write(string $value): void
    {
        $this->resource->getConnection()->insertOnDuplicate(
            $this->resource->getTableName(self::TABLE),
            [['name' => self::NAME, 'value' => $value]],
            ['value']
        );
    }

    /**
     * Forgets it.
     *
     * @return void
     */
    public function clear(): void
    {
        $this->resource->getConnection()->delete($this->resource->getTableName(self::TABLE));
    }
}
