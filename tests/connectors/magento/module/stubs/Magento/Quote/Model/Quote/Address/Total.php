<?php

namespace Magento\Quote\Model\Quote\Address;

class Total extends \Magento\Framework\DataObject
{
}
