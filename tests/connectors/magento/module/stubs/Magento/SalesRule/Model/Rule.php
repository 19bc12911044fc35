<?php

namespace Magento\SalesRule\Model;

class Rule extends \Magento\Framework\DataObject
{
    public const COUPON_TYPE_NO_COUPON = 1;
    public const COUPON_TYPE_SPECIFIC = 2;
    public const COUPON_TYPE_AUTO = 3;
}
