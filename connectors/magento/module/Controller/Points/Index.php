<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Controller\Points;

use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Customer\Model\Session;
use Magento\Framework\App\Action\HttpGetActionInterface;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\Controller\ResultInterface;
use Magento\Framework\UrlInterface;
use Magento\Framework\View\Result\PageFactory;

/**
 * The account's page "Loyalty points".
 */
class Index implements HttpGetActionInterface
{
    /**
     * @param PageFactory $pages
     * @param RedirectFactory $redirects
     * @param Session $session
     * @param UrlInterface $url
     * @param Settings $settings
     */
    public function __construct(
        private readonly PageFactory $pages,
        private readonly RedirectFactory $redirects,
        private readonly Session $session,
        private readonly UrlInterface $url,
        private readonly Settings $settings
    ) {
    }

    /**
     * The page for who is signed in; everybody else signs in and comes back.
     *
     * @return ResultInterface
     */
    public function execute(): ResultInterface
    {
        $result = $this->answer();
        $result->setHeader('Cache-Control', 'no-store, no-cache, must-revalidate, max-age=0', true);
        $result->setHeader('Pragma', 'no-cache', true);
        return $result;
    }

    /**
     * Page or redirect.
     *
     * @return ResultInterface
     */
    private function answer(): ResultInterface
    {
        if (!$this->session->isLoggedIn()) {
            $this->session->setBeforeAuthUrl($this->url->getUrl('loyaltybridge/points/index'));
            return $this->redirects->create()->setPath('customer/account/login');
        }
        if (!$this->settings->isActive()) {
            return $this->redirects->create()->setPath('customer/account');
        }
        return $this->pages->create();
    }
}
