<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

/**
 * Signed addresses of members' own pages on the bridge. Each works once, for two minutes.
 */
class MemberLink
{
    private const PAGE = '/^[a-z][a-z0-9-]{0,39}$/D';

    /**
     * @param Settings $settings
     * @param Signature $signature
     * @param Clock $clock
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly Signature $signature,
        private readonly Clock $clock
    ) {
    }

    /**
     * Whether the bridge told what is needed, and the module is switched on.
     *
     * @return bool
     */
    public function isPossible(): bool
    {
        return $this->settings->isActive()
            && $this->settings->memberUrl() !== ''
            && $this->settings->linkSecret() !== '';
    }

    /**
     * A page's name as it may stand in an address; anything else is the first page.
     *
     * @param mixed $page
     * @return string
     */
    public function page(mixed $page): string
    {
        return is_string($page) && preg_match(self::PAGE, $page) ? $page : '';
    }

    /**
     * An address for a customer who is signed in. Only for isPossible().
     *
     * @param int $customerId
     * @param string $page
     * @return string
     */
    public function of(int $customerId, string $page): string
    {
        $nonce = rtrim(strtr(base64_encode(random_bytes(18)), '+/', '-_'), '=');
        $query = sprintf(
            'customer=%d&at=%d&nonce=%s&to=%s',
            $customerId,
            $this->clock->now(),
            $nonce,
            rawurlencode($this->page($page))
        );
        $signature = $this->signature->of($this->settings->linkSecret(), $query);
        return sprintf('%s?%s&signature=%s', $this->settings->memberUrl(), $query, $signature);
    }
}
