<?php

namespace Magento\Quote\Model\Quote\Item;

class ToOrderItem
{
    public function convert($item, $data = [])
    {
        return null;
    }
}
