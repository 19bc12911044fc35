<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Controller\Member;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\MemberLink;
use Magento\Customer\Model\Session;
use Magento\Framework\App\Action\HttpGetActionInterface;
use Magento\Framework\App\RequestInterface;
use Magento\Framework\Controller\Result\Redirect;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\Message\ManagerInterface;
use Magento\Framework\UrlInterface;

/**
 * Sends a customer who is signed in to his own pages on the bridge; a guest to sign in first.
 */
class Open implements HttpGetActionInterface
{
    /**
     * @param RequestInterface $request
     * @param Session $session
     * @param MemberLink $link
     * @param UrlInterface $url
     * @param RedirectFactory $redirectFactory
     * @param ManagerInterface $messages
     * @param Log $log
     */
    public function __construct(
        private readonly RequestInterface $request,
        private readonly Session $session,
        private readonly MemberLink $link,
        private readonly UrlInterface $url,
        private readonly RedirectFactory $redirectFactory,
        private readonly ManagerInterface $messages,
        private readonly Log $log
    ) {
    }

    /**
     * Redirects. Nobody may keep the answer: the address in it is of one person and one moment.
     *
     * @return Redirect
     */
    public function execute()
    {
        $redirect = $this->redirectFactory->create();
        $redirect->setHeader('Cache-Control', 'no-store, no-cache, must-revalidate, max-age=0', true);
        $redirect->setHeader('Pragma', 'no-cache', true);
        $page = $this->link->page($this->request->getParam('to'));
        if (!$this->session->isLoggedIn()) {
            $query = $page === '' ? [] : ['to' => $page];
            $this->session->setBeforeAuthUrl($this->url->getUrl('loyaltybridge/member/open', ['_query' => $query]));
            return $redirect->setPath('customer/account/login');
        }
        try {
            if ($this->link->isPossible()) {
                return $redirect->setUrl($this->link->of((int)$this->session->getCustomerId(), $page));
            }
        } catch (\Throwable $failure) {
            $this->log->failure('member link', $failure);
        }
        $this->messages->addNoticeMessage((string)__('Your loyalty account cannot be opened right now.'));
        return $redirect->setPath('customer/account');
    }
}
