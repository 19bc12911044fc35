<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\CustomerData;

use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Clock;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Referral\Cookie;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\Wording;
use Magento\Customer\CustomerData\SectionSourceInterface;
use Magento\Customer\Model\Session;
use Magento\Store\Model\StoreManagerInterface;

/**
 * The section "loyalty-bridge": the only way in which a person's numbers reach a cached page.
 */
class Loyalty implements SectionSourceInterface
{
    /**
     * @param Settings $settings
     * @param Session $session
     * @param BalanceStorage $balances
     * @param Wording $wording
     * @param Cookie $referral
     * @param StoreManagerInterface $stores
     * @param Clock $clock
     * @param Log $log
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly Session $session,
        private readonly BalanceStorage $balances,
        private readonly Wording $wording,
        private readonly Cookie $referral,
        private readonly StoreManagerInterface $stores,
        private readonly Clock $clock,
        private readonly Log $log
    ) {
    }

    /**
     * The section, of whoever asks.
     *
     * `shown` has the numbers as text, `at` says when they were read, `store` for which store view.
     *
     * @return array
     */
    public function getSectionData(): array
    {
        try {
            return $this->ofCustomer();
        } catch (\Throwable $failure) {
            $this->log->failure('customer section', $failure);
            return $this->section(false, null, false, '', '');
        }
    }

    /**
     * What the bridge told of who is signed in.
     *
     * @return array
     */
    private function ofCustomer(): array
    {
        $store = (string)$this->stores->getStore()->getCode();
        if (!$this->settings->isActive()) {
            return $this->section(false, null, false, '', $store);
        }
        // A shopper whom the shop only remembers has an id as well, and is not signed in.
        $customerId = $this->session->isLoggedIn() ? (int)$this->session->getCustomerId() : 0;
        $balance = $customerId > 0 ? $this->balances->of($customerId) : null;
        return $this->section(
            true,
            $balance,
            $customerId === 0 && $this->referral->code() !== null,
            $this->wording->label(),
            $store
        );
    }

    /**
     * The section's keys: always the same ones.
     *
     * @param bool $isShown
     * @param Balance|null $balance
     * @param bool $isInvited
     * @param string $label
     * @param string $store
     * @return array
     */
    private function section(bool $isShown, ?Balance $balance, bool $isInvited, string $label, string $store): array
    {
        return [
            'is_shown' => $isShown,
            'is_member' => $balance !== null,
            'is_invited' => $isInvited,
            'available' => $balance->available ?? 0,
            'pending' => $balance->pending ?? 0,
            'tier' => $balance->tier ?? '',
            'expiring' => $balance->expiring ?? 0,
            'expires_on' => $balance->expiresOn ?? '',
            'label' => $label,
            'shown' => [
                'available' => $balance === null ? '' : $this->wording->number($balance->available),
                'pending' => $balance === null ? '' : $this->wording->number($balance->pending),
            ],
            'store' => $store,
            'at' => $this->clock->now(),
        ];
    }
}
