<?php

namespace Magento\Framework\Stdlib\Cookie;

class CookieMetadata
{
    private $metadata;

    public function __construct($metadata = [])
    {
        $this->metadata = $metadata;
    }

    public function __toArray()
    {
        return $this->metadata;
    }

    public function setDomain($domain)
    {
        return $this->set('domain', $domain);
    }

    public function setPath($path)
    {
        return $this->set('path', $path);
    }

    public function setSameSite(string $sameSite): CookieMetadata
    {
        return $this->set('samesite', $sameSite);
    }

    protected function set($name, $value)
    {
        $this->metadata[$name] = $value;
        return $this;
    }
}
