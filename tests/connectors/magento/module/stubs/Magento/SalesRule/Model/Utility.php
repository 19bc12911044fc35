<?php

namespace Magento\SalesRule\Model;

class Utility
{
    public function canProcessRule($rule, $address)
    {
        return true;
    }
}
