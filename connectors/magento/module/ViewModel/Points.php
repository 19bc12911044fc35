<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\ViewModel;

use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\Wording;
use Magento\Customer\Helper\Session\CurrentCustomer;
use Magento\Framework\UrlInterface;
use Magento\Framework\View\Element\Block\ArgumentInterface;

/**
 * A member's numbers, for pages that are never cached.
 *
 * Nothing here fails: what is not known is not shown.
 */
class Points implements ArgumentInterface
{
    /** @var Balance|null */
    private ?Balance $balance = null;

    /** @var bool */
    private bool $isRead = false;

    /**
     * @param Settings $settings
     * @param CurrentCustomer $customer
     * @param BalanceStorage $balances
     * @param Wording $wording
     * @param UrlInterface $url
     * @param Log $log
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly CurrentCustomer $customer,
        private readonly BalanceStorage $balances,
        private readonly Wording $wording,
        private readonly UrlInterface $url,
        private readonly Log $log
    ) {
    }

    /**
     * Whether there is anything to show at all.
     *
     * @return bool
     */
    public function isShown(): bool
    {
        return $this->settings->isActive();
    }

    /**
     * Whether the bridge told a balance of who is signed in.
     *
     * @return bool
     */
    public function isMember(): bool
    {
        return $this->balance() !== null;
    }

    /**
     * What the points are called.
     *
     * @return string
     */
    public function label(): string
    {
        return $this->wording->label();
    }

    /**
     * What can be spent now.
     *
     * @return string
     */
    public function available(): string
    {
        $balance = $this->balance();
        return $this->wording->number($balance === null ? 0 : $balance->available);
    }

    /**
     * What comes when the time to return things is over; empty: nothing.
     *
     * @return string
     */
    public function pending(): string
    {
        $balance = $this->balance();
        return $balance === null || $balance->pending === 0 ? '' : $this->wording->number($balance->pending);
    }

    /**
     * The member's level; empty: none.
     *
     * @return string
     */
    public function tier(): string
    {
        $balance = $this->balance();
        return $balance === null ? '' : $balance->tier;
    }

    /**
     * What ends next, and when; empty: nothing does.
     *
     * @return string
     */
    public function expiring(): string
    {
        $balance = $this->balance();
        $day = $balance === null ? '' : $this->wording->day($balance->expiresOn);
        if ($balance === null || $day === '' || $balance->expiring === 0) {
            return '';
        }
        return (string)__('%1 expire on %2.', $this->wording->points($balance->expiring), $day);
    }

    /**
     * The account's page on points.
     *
     * @return string
     */
    public function pageUrl(): string
    {
        return $this->url->getUrl('loyaltybridge/points/index');
    }

    /**
     * Links to the member's own pages at the bridge; none before the bridge told where they are.
     *
     * @return array<int, array{title: string, url: string}>
     */
    public function links(): array
    {
        if ($this->settings->memberUrl() === '' || $this->settings->linkSecret() === '') {
            return [];
        }
        return [
            $this->link('home', (string)__('My loyalty account')),
            $this->link('redeem', (string)__('Redeem points')),
            $this->link('vouchers', (string)__('My vouchers')),
            $this->link('referral', (string)__('Invite friends')),
        ];
    }

    /**
     * What the script on the page is told.
     *
     * @return string JSON
     */
    public function script(): string
    {
        return '{"LoyaltyBridge_Loyalty/js/points":{"part":"figures"}}';
    }

    /**
     * A link through our own controller, which signs it.
     *
     * @param string $page
     * @param string $title
     * @return array{title: string, url: string}
     */
    private function link(string $page, string $title): array
    {
        return [
            'title' => $title,
            'url' => $this->url->getUrl('loyaltybridge/member/open', ['_query' => ['to' => $page]]),
        ];
    }

    /**
     * The balance, read once.
     *
     * @return Balance|null
     */
    private function balance(): ?Balance
    {
        if ($this->isRead) {
            return $this->balance;
        }
        $this->isRead = true;
        try {
            $customerId = (int)$this->customer->getCustomerId();
            $this->balance = $customerId > 0 ? $this->balances->of($customerId) : null;
        } catch (\Throwable $failure) {
            $this->log->failure('account page', $failure);
        }
        return $this->balance;
    }
}
