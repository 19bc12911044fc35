<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

use LoyaltyBridge\Loyalty\Model\Clock;
use Magento\Framework\App\ResourceConnection;

/**
 * What is left of a basket that claimed a code: an order, or nothing. A claim outlives a payment that
 * failed, since the same basket can be paid again; it does not outlive the basket for ever.
 */
class Claims
{
    /** An order is there long before that, or never will be. */
    private const SECONDS_TO_PLACE = 3600;

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
     * Whether an order that was not cancelled came of this basket.
     *
     * @param int $quoteId
     * @param string $incrementId that order alone, as it is at this moment; empty: any
     * @return bool
     */
    public function isOrdered(int $quoteId, string $incrementId = ''): bool
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName('sales_order'), ['entity_id'])
            ->where('quote_id = ?', $quoteId)
            ->where('state <> ?', 'canceled')
            ->limit(1);
        if ($incrementId !== '') {
            $select->where('increment_id = ?', $incrementId)->forUpdate(true);
        }
        return (bool)$connection->fetchOne($select);
    }

    /**
     * Whether a code was claimed and never ordered with: whoever owns it may claim it anew.
     *
     * @param Owner $owner
     * @return bool
     */
    public function isDead(Owner $owner): bool
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName('loyalty_bridge_voucher'), ['code'])
            ->where('code = ?', $owner->code)
            ->where('updated_at < ?', $this->clock->stamp($this->clock->now() - self::SECONDS_TO_PLACE))
            ->limit(1);
        return $owner->quoteId !== null
            && $connection->fetchOne($select) !== false
            && !$this->isOrdered($owner->quoteId);
    }

    /**
     * Whether the basket is shared out over several addresses, and so becomes several orders.
     *
     * @param int $quoteId
     * @return bool
     */
    public function isShared(int $quoteId): bool
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName('quote'), ['is_multi_shipping'])
            ->where('entity_id = ?', $quoteId);
        return (bool)$connection->fetchOne($select);
    }

    /**
     * The codes as the shop's own table writes them: its collation takes "é" for "e", as the shop does
     * when a shopper types one.
     *
     * @param string[] $codes
     * @return string[] these and those
     */
    public function spelled(array $codes): array
    {
        if ($codes === []) {
            return [];
        }
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName('salesrule_coupon'), ['code'])
            ->where('code IN (?)', $codes);
        return array_values(array_unique([...$codes, ...$connection->fetchCol($select)]));
    }
}
