<?php

namespace Magento\Catalog\Pricing\Price;

class TierPrice
{
    public const PRICE_CODE = 'tier_price';

    public function getTierPriceList()
    {
        return [];
    }

    public function isPercentageDiscount()
    {
        return false;
    }
}
