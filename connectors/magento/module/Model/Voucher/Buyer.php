<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

/**
 * Who wants to use a code.
 */
class Buyer
{
    /**
     * @param int $customerId 0: a guest
     * @param string[] $emails
     * @param int $quoteId 0: not saved yet
     */
    public function __construct(
        public readonly int $customerId,
        public readonly array $emails,
        public readonly int $quoteId
    ) {
    }

    /**
     * Whether the code is his, or anybody's.
     *
     * @param Owner $owner
     * @return bool
     */
    public function isOwner(Owner $owner): bool
    {
        if ($owner->customerIds !== []) {
            return $this->customerId !== 0 && in_array($this->customerId, $owner->customerIds, true);
        }
        return $owner->email === '' || in_array($owner->email, $this->emails, true);
    }
}
