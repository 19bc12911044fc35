<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Referral;

use Magento\Framework\App\RequestInterface;
use Magento\Framework\Session\Config\ConfigInterface;
use Magento\Framework\Stdlib\Cookie\CookieMetadataFactory;
use Magento\Framework\Stdlib\CookieManagerInterface;

/**
 * Whose link this browser followed. No script of a page can read it.
 */
class Cookie
{
    public const NAME = 'loyalty_bridge_referral';
    public const DAYS = 30;

    /**
     * @param CookieManagerInterface $cookies
     * @param CookieMetadataFactory $metadata
     * @param ConfigInterface $session
     * @param RequestInterface $request
     */
    public function __construct(
        private readonly CookieManagerInterface $cookies,
        private readonly CookieMetadataFactory $metadata,
        private readonly ConfigInterface $session,
        private readonly RequestInterface $request
    ) {
    }

    /**
     * The code that the browser sent; null: none, or none of ours.
     *
     * @return string|null
     */
    public function code(): ?string
    {
        return Code::read($this->cookies->getCookie(self::NAME));
    }

    /**
     * Notes a code in the browser.
     *
     * @param string $code as Code::read gives it
     * @return void
     */
    public function note(string $code): void
    {
        $metadata = $this->metadata->createPublicCookieMetadata()
            ->setDuration(self::DAYS * 86400)
            ->setHttpOnly(true)
            ->setSecure((bool)$this->request->isSecure())
            ->setPath($this->session->getCookiePath())
            ->setDomain($this->session->getCookieDomain())
            ->setSameSite('Lax');
        $this->cookies->setPublicCookie(self::NAME, $code, $metadata);
    }
}
