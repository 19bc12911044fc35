<?php

namespace Magento\Framework\View\Result;

class PageFactory
{
    public function create($isView = false, array $arguments = [])
    {
        return new Page();
    }
}
