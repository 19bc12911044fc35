<?php

namespace Magento\Framework\DB\Adapter;

class DeadlockException extends \Exception
{
}
