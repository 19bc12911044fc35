<?php

namespace Magento\Framework\App;

interface RequestInterface
{
    public function getParam($key, $defaultValue = null);

    public function isSecure();
}
