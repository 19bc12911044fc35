<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api;

/**
 * What a signed-in customer may see of his points.
 *
 * @api
 */
interface OwnBalanceInterface
{
    /**
     * His own points.
     *
     * @param int $customerId
     * @return \LoyaltyBridge\Loyalty\Api\Data\MemberBalanceInterface
     */
    public function get(int $customerId): Data\MemberBalanceInterface;
}
