<?php

namespace Magento\Customer\Model;

class Session
{
    public function isLoggedIn()
    {
        return false;
    }

    public function getCustomerId()
    {
        return null;
    }

    public function setBeforeAuthUrl($url)
    {
        return $this;
    }
}
