<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

use LoyaltyBridge\Loyalty\Model\Clock;
use Magento\Framework\App\ResourceConnection;

/**
 * What is left of an order that took a code and was never made: it gives the code back itself when it fails.
 * When PHP itself ended in the middle nobody does; then its claim ends by time.
 */
class Claims
{
    /** An order is there long before that, or never will be. */
    private const SECONDS_TO_PLACE = 3600;
    /** For the same basket: somebody waits before the page. Longer than a request lasts. */
    private const SECONDS_TO_TRY_AGAIN = 120;

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
     * The codes that a cart or an order names: one, or several with commas between them.
     *
     * @param string $said
     * @return string[]
     */
    public function codes(string $said): array
    {
        $said = trim($said);
        $codes = str_contains($said, ',') ? [$said, ...array_map('trim', explode(',', $said))] : [$said];
        return array_values(array_filter($codes, static fn (string $code): bool => $code !== ''));
    }

    /**
     * Whether an order with this code that was not cancelled came of this basket. One without the code does
     * not count: shops put a basket back when a payment fails, and it is ordered as it is then.
     *
     * @param string $code in upper case
     * @param int $quoteId
     * @param string $incrementId that order alone, as it is at this moment; empty: any
     * @return bool
     */
    public function isOrdered(string $code, int $quoteId, string $incrementId = ''): bool
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName('sales_order'), ['coupon_code'])
            ->where('quote_id = ?', $quoteId)
            ->where('state <> ?', 'canceled');
        if ($incrementId !== '') {
            $select->where('increment_id = ?', $incrementId)->forUpdate(true);
        }
        $found = [];
        foreach ($connection->fetchCol($select) as $said) {
            $found = [...$found, ...$this->codes((string)$said)];
        }
        $upper = static fn (string $one): string => mb_strtoupper($one, 'UTF-8');
        return in_array($code, array_map($upper, $this->spelled($found)), true);
    }

    /**
     * Whether this basket may take a code for an order. Nobody has it; or this very order; or one of the
     * same basket that goes to several addresses, which the shop places in one request; or one that was
     * never made.
     *
     * @param Owner $owner as the code stands in the table
     * @param int $quoteId
     * @param string $incrementId
     * @param bool $isOfRequest whether this request took it for the same basket
     * @return bool
     */
    public function mayTake(Owner $owner, int $quoteId, string $incrementId, bool $isOfRequest = false): bool
    {
        if ($owner->quoteId === null) {
            return true;
        }
        if ($owner->quoteId !== $quoteId) {
            return $this->isDead($owner);
        }
        if ($owner->orderIncrement === $incrementId || ($isOfRequest && $this->isShared($quoteId))) {
            return true;
        }
        return $this->isOlder($owner, self::SECONDS_TO_TRY_AGAIN)
            && !$this->isOrdered($owner->code, $quoteId, $owner->orderIncrement)
            && !$this->isOrdered($owner->code, $quoteId);
    }

    /**
     * Whether a code was claimed and never ordered with: whoever owns it may claim it anew.
     *
     * @param Owner $owner
     * @return bool
     */
    public function isDead(Owner $owner): bool
    {
        return $owner->quoteId !== null
            && $this->isOlder($owner, self::SECONDS_TO_PLACE)
            && !$this->isOrdered($owner->code, $owner->quoteId);
    }

    /**
     * Whether a code was claimed longer ago.
     *
     * @param Owner $owner
     * @param int $seconds
     * @return bool
     */
    private function isOlder(Owner $owner, int $seconds): bool
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName('loyalty_bridge_voucher'), ['code'])
            ->where('code = ?', $owner->code)
            ->where('updated_at < ?', $this->clock->stamp($this->clock->now() - $seconds))
            ->limit(1);
        return $connection->fetchOne($select) !== false;
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
