<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

/**
 * Who may use a code, and who uses it.
 */
class Owner
{
    /**
     * @param string $code in upper case
     * @param int[] $customerIds empty: whoever has the address
     * @param string $email in lower case; empty as well: anybody
     * @param int|null $quoteId the basket that holds the code since its order was placed
     * @param string $orderIncrement that order's number
     */
    public function __construct(
        public readonly string $code,
        public readonly array $customerIds = [],
        public readonly string $email = '',
        public readonly ?int $quoteId = null,
        public readonly string $orderIncrement = ''
    ) {
    }
}
