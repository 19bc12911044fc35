<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Gift;

use Magento\Framework\App\ResourceConnection;

/**
 * Gifts in the carts of people who are away. Their price of nothing is kept by the shop itself: once
 * the module is gone, nobody would take them out any more.
 */
class OpenCarts
{
    private const AT_ONCE = 1000;

    /**
     * @param ResourceConnection $resource
     */
    public function __construct(private readonly ResourceConnection $resource)
    {
    }

    /**
     * Takes every gift out of every cart that can still be ordered. Reads the lines of all carts.
     *
     * @return int how many
     */
    public function clear(): int
    {
        $connection = $this->resource->getConnection();
        $items = $this->resource->getTableName('quote_item');
        $quotes = $this->resource->getTableName('quote');
        $cleared = 0;
        $last = 0;
        do {
            $select = $connection->select()
                ->from($items, ['item_id', 'quote_id'])
                ->where('item_id > ?', $last)
                ->where(Mark::NAME . ' IS NOT NULL')
                ->order('item_id')
                ->limit(self::AT_ONCE);
            $lines = $connection->fetchAll($select);
            if ($lines === []) {
                break;
            }
            $open = $connection->fetchCol(
                $connection->select()
                    ->from($quotes, ['entity_id'])
                    ->where('entity_id IN (?)', array_unique(array_column($lines, 'quote_id')))
                    ->where('is_active = ?', 1)
            );
            $gifts = array_filter($lines, static fn (array $line): bool => in_array(
                (int)$line['quote_id'],
                array_map('intval', $open),
                true
            ));
            if ($gifts !== []) {
                $cleared += $connection->delete($items, ['item_id IN (?)' => array_column($gifts, 'item_id')]);
                // its totals are collected when it is read again
                $connection->update($quotes, ['trigger_recollect' => 1], ['entity_id IN (?)' => $open]);
            }
            $last = (int)end($lines)['item_id'];
        } while (count($lines) === self::AT_ONCE);
        return $cleared;
    }
}
