<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Balance;

/**
 * A customer's points as the bridge told them last.
 */
class Balance
{
    /**
     * @param int $customerId
     * @param int $available
     * @param int $pending
     * @param string $tier its name as shown; empty: none
     * @param string $tierKey
     * @param int $expiring how many end at $expiresOn
     * @param string $expiresOn YYYY-MM-DD or empty
     */
    public function __construct(
        public readonly int $customerId,
        public readonly int $available = 0,
        public readonly int $pending = 0,
        public readonly string $tier = '',
        public readonly string $tierKey = '',
        public readonly int $expiring = 0,
        public readonly string $expiresOn = ''
    ) {
    }
}
