<?php

namespace Magento\Quote\Model\Quote\Address;

interface FreeShippingInterface
{
    public function isFreeShipping(\Magento\Quote\Model\Quote $quote, $items);
}
