<?php

namespace Magento\Catalog\Pricing\Price;

class FinalPrice
{
    public const PRICE_CODE = 'final_price';
}
