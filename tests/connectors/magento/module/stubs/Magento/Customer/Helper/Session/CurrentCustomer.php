<?php

namespace Magento\Customer\Helper\Session;

class CurrentCustomer
{
    public function getCustomerId()
    {
        return null;
    }
}
