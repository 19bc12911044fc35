<?php

namespace Magento\Quote\Model\Quote\Item;

class Option extends \Magento\Framework\DataObject
{
    public function getCode()
    {
        return $this->getData('code');
    }

    public function getValue()
    {
        return $this->getData('value');
    }
}
