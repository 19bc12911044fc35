<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Block\Adminhtml\System;

use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\ToldStorage;
use Magento\Backend\Block\Template\Context;
use Magento\Config\Block\System\Config\Form\Field;
use Magento\Framework\Data\Form\Element\AbstractElement;

/**
 * What the bridge told, to be looked at.
 */
class Told extends Field
{
    /**
     * @param Context $context
     * @param Settings $settings
     * @param ToldStorage $told
     * @param array $data
     */
    public function __construct(
        Context $context,
        private readonly Settings $settings,
        private readonly ToldStorage $told,
        array $data = []
    ) {
        parent::__construct($context, $data);
    }

    /**
     * Names and values; of secrets only whether they are there.
     *
     * @param AbstractElement $element
     * @return string
     */
    protected function _getElementHtml(AbstractElement $element)
    {
        $lines = [
            [__('Events go to'), $this->settings->eventsUrl()],
            [__('Members\' pages'), $this->settings->memberUrl()],
            [__('Name of the points'), $this->settings->pointsLabel()],
            [__('Fingerprint of the settings'), $this->told->read()],
        ];
        $html = '';
        foreach ($lines as [$name, $value]) {
            $shown = $value === '' ? (string)__('nothing yet') : $value;
            $html .= '<div>' . $this->_escaper->escapeHtml($name . ': ' . $shown) . '</div>';
        }
        return $html;
    }
}
