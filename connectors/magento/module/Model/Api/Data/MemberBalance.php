<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\MemberBalanceInterface;

/**
 * A signed-in customer's own points.
 */
class MemberBalance extends AbstractPoints implements MemberBalanceInterface
{
    /** @var bool */
    private bool $isMember = false;

    /**
     * @inheritdoc
     */
    public function getIsMember(): bool
    {
        return $this->isMember;
    }

    /**
     * @inheritdoc
     */
    public function setIsMember(bool $isMember): void
    {
        $this->isMember = $isMember;
    }
}
