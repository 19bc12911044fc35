<?php

namespace Magento\Sales\Api;

interface OrderManagementInterface
{
    public function place(Data\OrderInterface $order);
}
