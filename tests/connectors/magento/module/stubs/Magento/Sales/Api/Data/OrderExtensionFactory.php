<?php

namespace Magento\Sales\Api\Data;

class OrderExtensionFactory
{
    public function create(array $data = [])
    {
        return new \Magento\Framework\DataObject();
    }
}
