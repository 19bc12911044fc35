<?php

namespace Magento\Framework\Module;

class Manager
{
    public function isEnabled($moduleName)
    {
        return true;
    }
}
