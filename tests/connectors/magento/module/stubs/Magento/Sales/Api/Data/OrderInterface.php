<?php

namespace Magento\Sales\Api\Data;

interface OrderInterface
{
}
