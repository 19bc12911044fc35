<?php

namespace Magento\Framework\Stdlib\Cookie;

class PublicCookieMetadata extends CookieMetadata
{
    public function setDuration($duration)
    {
        return $this->set('duration', $duration);
    }

    public function setHttpOnly($httpOnly)
    {
        return $this->set('http_only', $httpOnly);
    }

    public function setSecure($secure)
    {
        return $this->set('secure', $secure);
    }
}
