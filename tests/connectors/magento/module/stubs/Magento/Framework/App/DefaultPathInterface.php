<?php

namespace Magento\Framework\App;

interface DefaultPathInterface
{
    public function getPart($code);
}
