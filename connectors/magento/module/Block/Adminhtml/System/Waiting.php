<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Block\Adminhtml\System;

use LoyaltyBridge\Loyalty\Model\Event\EventStorage;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Backend\Block\Template\Context;
use Magento\Config\Block\System\Config\Form\Field;
use Magento\Framework\Data\Form\Element\AbstractElement;

/**
 * Events that wait, the oldest with what went wrong.
 */
class Waiting extends Field
{
    private const SHOWN = 10;

    /**
     * @param Context $context
     * @param EventStorage $events
     * @param Log $log
     * @param array $data
     */
    public function __construct(
        Context $context,
        private readonly EventStorage $events,
        private readonly Log $log,
        array $data = []
    ) {
        parent::__construct($context, $data);
    }

    /**
     * A line with the number, and one for each of the oldest.
     *
     * @param AbstractElement $element
     * @return string
     */
    protected function _getElementHtml(AbstractElement $element)
    {
        try {
            [$waiting] = $this->events->waiting();
            $lines = [(string)($waiting === 0 ? __('None') : $waiting)];
            foreach ($this->events->oldest(self::SHOWN) as $row) {
                $lines[] = trim(sprintf(
                    '%s UTC %s %s (%d) %s',
                    $row['created_at'],
                    $row['event'],
                    $row['ids'],
                    $row['attempts'],
                    $row['error']
                ));
            }
        } catch (\Throwable $failure) {
            $this->log->failure('waiting events', $failure);
            $lines = [(string)__('Cannot be read right now.')];
        }
        $html = '';
        foreach ($lines as $line) {
            $html .= '<div>' . $this->_escaper->escapeHtml($line) . '</div>';
        }
        return $html;
    }
}
