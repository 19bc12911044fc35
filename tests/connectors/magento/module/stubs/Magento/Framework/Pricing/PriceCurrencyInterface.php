<?php

namespace Magento\Framework\Pricing;

interface PriceCurrencyInterface
{
    public const DEFAULT_PRECISION = 2;

    public function format(
        $amount,
        $includeContainer = true,
        $precision = self::DEFAULT_PRECISION,
        $scope = null,
        $currency = null
    );
}
