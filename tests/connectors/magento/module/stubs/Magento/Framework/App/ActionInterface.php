<?php

namespace Magento\Framework\App;

interface ActionInterface
{
    public function execute();
}
