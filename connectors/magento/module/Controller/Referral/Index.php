<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Controller\Referral;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Referral\Code;
use LoyaltyBridge\Loyalty\Model\Referral\Cookie;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Customer\Model\Session;
use Magento\Framework\App\Action\HttpGetActionInterface;
use Magento\Framework\App\RequestInterface;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\Controller\ResultInterface;
use Magento\Framework\UrlInterface;

/**
 * Where a friend's link leads to: `?code=CODE` or `/code/CODE`. It goes on to pages of this shop alone.
 */
class Index implements HttpGetActionInterface
{
    /**
     * @param RequestInterface $request
     * @param RedirectFactory $redirects
     * @param Session $session
     * @param UrlInterface $url
     * @param Settings $settings
     * @param Cookie $cookie
     * @param Log $log
     */
    public function __construct(
        private readonly RequestInterface $request,
        private readonly RedirectFactory $redirects,
        private readonly Session $session,
        private readonly UrlInterface $url,
        private readonly Settings $settings,
        private readonly Cookie $cookie,
        private readonly Log $log
    ) {
    }

    /**
     * Notes the code; guests go to register, all others home.
     *
     * @return ResultInterface
     */
    public function execute(): ResultInterface
    {
        $result = $this->redirects->create();
        if ($this->isNoted() && !$this->session->isLoggedIn()) {
            $result->setPath('customer/account/create');
        } else {
            $result->setUrl($this->url->getBaseUrl());
        }
        $result->setHeader('Cache-Control', 'no-store, no-cache, must-revalidate, max-age=0', true);
        return $result;
    }

    /**
     * Whether a code was given and kept.
     *
     * @return bool
     */
    private function isNoted(): bool
    {
        try {
            $code = Code::read($this->request->getParam('code'));
            if ($code === null || !$this->settings->isActive()) {
                return false;
            }
            $this->cookie->note($code);
            return true;
        } catch (\Throwable $failure) {
            $this->log->failure('referral link', $failure);
            return false;
        }
    }
}
