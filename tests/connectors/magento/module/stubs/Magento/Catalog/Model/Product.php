<?php

namespace Magento\Catalog\Model;

class Product extends \Magento\Framework\DataObject
{
    protected $_customOptions = [];

    public function getId()
    {
        return $this->getData('entity_id');
    }

    public function getTypeId()
    {
        return $this->getData('type_id');
    }

    public function getTypeInstance()
    {
        return $this->getData('type_instance');
    }

    public function getPriceInfo()
    {
        return $this->getData('price_info');
    }

    public function isSalable()
    {
        return (bool)($this->getData('is_salable') ?? true);
    }

    public function getIsVirtual()
    {
        return $this->getTypeId() !== 'simple';
    }

    public function getWebsiteIds()
    {
        return $this->getData('website_ids') ?? ['1'];
    }

    public function addCustomOption($code, $value, $product = null)
    {
        $this->_customOptions[$code] = new \Magento\Quote\Model\Quote\Item\Option(['code' => $code, 'value' => $value]);
        return $this;
    }

    public function setCustomOptions(array $options)
    {
        $this->_customOptions = $options;
    }

    public function getCustomOptions()
    {
        return $this->_customOptions;
    }
}
