<?php

namespace Magento\Framework\View\Result;

class Page extends \Magento\Framework\Controller\AbstractResult
{
}
