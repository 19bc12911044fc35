<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Block\Account;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Customer\Block\Account\SortLink;
use Magento\Framework\App\DefaultPathInterface;
use Magento\Framework\View\Element\Template\Context;

/**
 * The account menu's link to the points; not there while the bridge told nothing.
 */
class PointsLink extends SortLink
{
    /** @var Settings */
    private Settings $settings;

    /** @var Log */
    private Log $log;

    /**
     * @param Context $context
     * @param DefaultPathInterface $defaultPath
     * @param Settings $settings
     * @param Log $log
     * @param array $data
     */
    public function __construct(
        Context $context,
        DefaultPathInterface $defaultPath,
        Settings $settings,
        Log $log,
        array $data = []
    ) {
        parent::__construct($context, $defaultPath, $data);
        $this->settings = $settings;
        $this->log = $log;
    }

    /**
     * The link, or nothing.
     *
     * @return string
     */
    public function toHtml()
    {
        try {
            $isTold = $this->settings->told() !== '' || $this->settings->memberUrl() !== '';
            return $this->settings->isActive() && $isTold ? parent::toHtml() : '';
        } catch (\Throwable $failure) {
            $this->log->failure('account menu', $failure);
            return '';
        }
    }
}
