<?php

namespace Magento\Sales\Api;

interface OrderRepositoryInterface
{
    public function get($id);
}
