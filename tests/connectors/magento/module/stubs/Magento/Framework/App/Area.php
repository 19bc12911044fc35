<?php

namespace Magento\Framework\App;

class Area
{
    public const AREA_FRONTEND = 'frontend';
    public const AREA_ADMINHTML = 'adminhtml';
}
