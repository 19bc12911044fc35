<?php

namespace Magento\Framework\App\Action;

interface HttpGetActionInterface extends \Magento\Framework\App\ActionInterface
{
}
