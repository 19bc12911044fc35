<?php

namespace Magento\Framework\App\Config;

interface ReinitableConfigInterface extends MutableScopeConfigInterface
{
    public function reinit();
}
