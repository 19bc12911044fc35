<?php

namespace Magento\Customer\Block\Account;

use Magento\Framework\App\DefaultPathInterface;
use Magento\Framework\View\Element\Template\Context;

class SortLink extends \Magento\Framework\DataObject
{
    public function __construct(Context $context, DefaultPathInterface $defaultPath, array $data = [])
    {
        parent::__construct($data);
    }

    public function toHtml()
    {
        return '<li>' . $this->getData('label') . '</li>';
    }
}
