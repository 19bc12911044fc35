<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

use LoyaltyBridge\Loyalty\Model\Clock;

/**
 * Baskets whose voucher the shop itself took out a moment ago, while it collected their totals: what is
 * placed in the same request would cost more than the shopper was shown.
 */
class Lost
{
    /** Longer than a request that places an order; a process of the queue lives on. */
    private const SECONDS = 300.0;

    /** @var array<int, float> since when, by basket */
    private array $since = [];

    /**
     * @param Clock $clock
     */
    public function __construct(private readonly Clock $clock)
    {
    }

    /**
     * This basket lost one of ours.
     *
     * @param int $quoteId
     * @return void
     */
    public function note(int $quoteId): void
    {
        $this->since[$quoteId] = $this->clock->ticks();
    }

    /**
     * Whether it did, in this request.
     *
     * @param int $quoteId
     * @return bool
     */
    public function isNoted(int $quoteId): bool
    {
        return isset($this->since[$quoteId]) && $this->clock->ticks() - $this->since[$quoteId] < self::SECONDS;
    }
}
