<?php

namespace Magento\Framework\Session\Config;

interface ConfigInterface
{
    public function getCookiePath();

    public function getCookieDomain();
}
