<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api;

use LoyaltyBridge\Loyalty\Api\Data\MemberBalanceInterface;
use LoyaltyBridge\Loyalty\Api\Data\MemberBalanceInterfaceFactory;
use LoyaltyBridge\Loyalty\Api\OwnBalanceInterface;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;

/**
 * What a signed-in customer may see of his points. Nothing can be written here.
 */
class OwnBalance implements OwnBalanceInterface
{
    /**
     * @param BalanceStorage $storage
     * @param Settings $settings
     * @param Log $log
     * @param MemberBalanceInterfaceFactory $balanceFactory
     */
    public function __construct(
        private readonly BalanceStorage $storage,
        private readonly Settings $settings,
        private readonly Log $log,
        private readonly MemberBalanceInterfaceFactory $balanceFactory
    ) {
    }

    /**
     * @inheritdoc
     */
    public function get(int $customerId): MemberBalanceInterface
    {
        $own = $this->balanceFactory->create();
        try {
            $balance = $this->settings->isActive() ? $this->storage->of($customerId) : null;
        } catch (\Throwable $failure) {
            $this->log->failure('own balance', $failure);
            $balance = null;
        }
        if ($balance !== null) {
            $own->setIsMember(true);
            $own->setAvailable($balance->available);
            $own->setPending($balance->pending);
            $own->setTier($balance->tier);
            $own->setExpiring($balance->expiring);
            $own->setExpiresOn($balance->expiresOn);
        }
        return $own;
    }
}
