<?php

namespace Magento\Backend\Block\Template;

class Context
{
    public function getRequest()
    {
        return null;
    }
}
