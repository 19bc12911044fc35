<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Block\Account;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\ToldStorage;
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

    /** @var ToldStorage */
    private ToldStorage $told;

    /** @var Log */
    private Log $log;

    /**
     * @param Context $context
     * @param DefaultPathInterface $defaultPath
     * @param Settings $settings
     * @param ToldStorage $told
     * @param Log $log
     * @param array $data
     */
    public function __construct(
        Context $context,
        DefaultPathInterface $defaultPath,
        Settings $settings,
        ToldStorage $told,
        Log $log,
        array $data = []
    ) {
        parent::__construct($context, $defaultPath, $data);
        $this->settings = $settings;
        $this->told = $told;
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
            return $this->settings->isActive() && $this->isTold() ? parent::toHtml() : '';
        } catch (\Throwable $failure) {
            $this->log->failure('account menu', $failure);
            return '';
        }
    }

    /**
     * Whether the bridge told this shop anything.
     *
     * @return bool
     */
    private function isTold(): bool
    {
        return $this->settings->memberUrl() !== '' || $this->told->read() !== '';
    }
}
