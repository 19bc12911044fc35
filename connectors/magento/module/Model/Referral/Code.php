<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Referral;

/**
 * The code in a friend's link.
 */
class Code
{
    /** Of quotes and of orders. */
    public const COLUMN = 'loyalty_bridge_referral';

    private const FORM = '/\A[A-Za-z0-9-]{3,40}\z/';

    /**
     * A code as it may stand in a link; null for anything else.
     *
     * @param mixed $given what a browser sent: may be a list, may be nothing
     * @return string|null
     */
    public static function read($given): ?string
    {
        return is_string($given) && preg_match(self::FORM, $given) ? $given : null;
    }
}
