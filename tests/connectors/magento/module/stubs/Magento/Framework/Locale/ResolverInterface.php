<?php

namespace Magento\Framework\Locale;

interface ResolverInterface
{
    public function getLocale();
}
