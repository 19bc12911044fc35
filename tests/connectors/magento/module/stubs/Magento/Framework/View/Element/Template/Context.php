<?php

namespace Magento\Framework\View\Element\Template;

class Context
{
}
