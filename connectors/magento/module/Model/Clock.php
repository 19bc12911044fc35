<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

/**
 * Seconds since 1970.
 */
class Clock
{
    /**
     * Now, in whole seconds.
     *
     * @return int
     */
    public function now(): int
    {
        return time();
    }

    /**
     * How long things take is measured with this.
     *
     * @return float
     */
    public function ticks(): float
    {
        return microtime(true);
    }

    /**
     * A moment as the database writes it, in UTC.
     *
     * @param int $at
     * @return string
     */
    public function stamp(int $at): string
    {
        return gmdate('Y-m-d H:i:s', $at);
    }
}
