<?php

namespace Magento\Sales\Api\Data;

class OrderItemExtensionFactory
{
    public function create(array $data = [])
    {
        return new \Magento\Framework\DataObject();
    }
}
