<?php

namespace Magento\Framework\App\Config;

interface MutableScopeConfigInterface extends ScopeConfigInterface
{
    public function setValue(
        $path,
        $value,
        $scopeType = ScopeConfigInterface::SCOPE_TYPE_DEFAULT,
        $scopeCode = null
    );
}
