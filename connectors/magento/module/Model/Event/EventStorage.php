<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

use LoyaltyBridge\Loyalty\Model\Clock;
use Magento\Framework\App\ResourceConnection;

/**
 * The table loyalty_bridge_event: what is still to be sent.
 */
class EventStorage
{
    private const TABLE = 'loyalty_bridge_event';
    private const COLUMNS = ['event_id', 'token', 'event', 'entity', 'ids', 'created_at', 'attempts', 'next_try_at'];
    private const LONGEST_ERROR = 255;
    private const MOST_ATTEMPTS = 60000;
    /** As long as the first retries wait. */
    private const TROUBLE = 600;

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
     * Puts an event in, within the transaction of the caller. One of this token is there: nothing.
     *
     * @param string $token
     * @param string $event
     * @param string $entity
     * @param string[] $ids
     * @return void
     */
    public function insert(string $token, string $event, string $entity, array $ids): void
    {
        $this->resource->getConnection()->insertOnDuplicate(
            $this->table(),
            [[
                'token' => $token,
                'event' => $event,
                'entity' => $entity,
                'ids' => json_encode(array_values($ids), JSON_THROW_ON_ERROR),
                'created_at' => $this->clock->stamp($this->clock->now()),
            ]],
            ['token']
        );
    }

    /**
     * What may be sent now, the oldest first.
     *
     * @param int $most
     * @return array[]
     */
    public function due(int $most): array
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->table(), self::COLUMNS)
            ->where('(next_try_at IS NULL OR next_try_at <= ?)', $this->clock->stamp($this->clock->now()))
            ->order('event_id')
            ->limit($most);
        return $connection->fetchAll($select);
    }

    /**
     * The event of a token, due or not; null: gone.
     *
     * @param string $token
     * @return array|null
     */
    public function find(string $token): ?array
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()->from($this->table(), self::COLUMNS)->where('token = ?', $token);
        $row = $connection->fetchRow($select);
        return $row ?: null;
    }

    /**
     * Whether something failed a short while ago: the bridge may be down. One event that is refused for days
     * does not make all others wait for the cron job.
     *
     * @return bool
     */
    public function isTroubled(): bool
    {
        $connection = $this->resource->getConnection();
        $now = $this->clock->now();
        $select = $connection->select()
            ->from($this->table(), ['event_id'])
            ->where('next_try_at > ?', $this->clock->stamp($now))
            ->where('next_try_at <= ?', $this->clock->stamp($now + self::TROUBLE))
            ->where('attempts > ?', 0)
            ->limit(1);
        return $connection->fetchOne($select) !== false;
    }

    /**
     * Whether so many are being sent at this moment: the bridge is slow, and each keeps a process of the
     * shop from its next shopper.
     *
     * @param int $most
     * @return bool
     */
    public function isBusy(int $most): bool
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->table(), ['event_id'])
            ->where('next_try_at > ?', $this->clock->stamp($this->clock->now()))
            ->where('attempts = ?', 0)
            ->limit($most);
        return count($connection->fetchCol($select)) >= $most;
    }

    /**
     * Takes a due event for one sender, atomically; false: another one was faster.
     *
     * @param int $eventId
     * @param int $until nobody else takes it before
     * @return bool
     */
    public function claim(int $eventId, int $until): bool
    {
        $now = $this->clock->stamp($this->clock->now());
        $changed = $this->resource->getConnection()->update(
            $this->table(),
            ['next_try_at' => $this->clock->stamp($until)],
            ['event_id = ?' => $eventId, '(next_try_at IS NULL OR next_try_at <= ?)' => $now]
        );
        return $changed > 0;
    }

    /**
     * Events that arrived.
     *
     * @param int[] $eventIds
     * @return void
     */
    public function delete(array $eventIds): void
    {
        if ($eventIds !== []) {
            $this->resource->getConnection()->delete($this->table(), ['event_id IN (?)' => $eventIds]);
        }
    }

    /**
     * An event that did not arrive.
     *
     * @param int $eventId
     * @param int $attempts
     * @param int $nextTryAt
     * @param string $error
     * @return void
     */
    public function postpone(int $eventId, int $attempts, int $nextTryAt, string $error): void
    {
        $this->resource->getConnection()->update(
            $this->table(),
            [
                'attempts' => min($attempts, self::MOST_ATTEMPTS),
                'next_try_at' => $this->clock->stamp($nextTryAt),
                'error' => mb_substr($error, 0, self::LONGEST_ERROR),
            ],
            ['event_id = ?' => $eventId]
        );
    }

    /**
     * How many wait, and since when the oldest does, in seconds.
     *
     * @return int[]
     */
    public function waiting(): array
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()->from($this->table(), ['waiting' => new \Zend_Db_Expr('COUNT(*)'),
            'oldest' => new \Zend_Db_Expr('MIN(created_at)')]);
        $row = $connection->fetchRow($select) ?: ['waiting' => 0, 'oldest' => null];
        $since = $row['oldest'] === null ? false : strtotime($row['oldest'] . ' UTC');
        return [(int)$row['waiting'], $since === false ? 0 : max(0, $this->clock->now() - $since)];
    }

    /**
     * The oldest events that wait, with what went wrong.
     *
     * @param int $most
     * @return array[]
     */
    public function oldest(int $most): array
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->table(), ['event', 'ids', 'created_at', 'attempts', 'next_try_at', 'error'])
            ->order('event_id')
            ->limit($most);
        return $connection->fetchAll($select);
    }

    /**
     * Gives up what is older; how many.
     *
     * @param int $seconds
     * @return int
     */
    public function deleteOlder(int $seconds): int
    {
        $before = $this->clock->stamp($this->clock->now() - $seconds);
        return (int)$this->resource->getConnection()->delete($this->table(), ['created_at < ?' => $before]);
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
     * Whether nothing is held back by a transaction that is open.
     *
     * @return bool
     */
    public function isCommitted(): bool
    {
        return $this->resource->getConnection()->getTransactionLevel() === 0;
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
}
