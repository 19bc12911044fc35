<?php

namespace Magento\Catalog\Model;

class Product extends \Magento\Framework\DataObject
{
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
}
