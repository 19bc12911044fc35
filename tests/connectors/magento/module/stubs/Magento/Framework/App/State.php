<?php

namespace Magento\Framework\App;

class State
{
    public function __construct(private string $area = 'frontend')
    {
    }

    public function getAreaCode()
    {
        return $this->area;
    }
}
