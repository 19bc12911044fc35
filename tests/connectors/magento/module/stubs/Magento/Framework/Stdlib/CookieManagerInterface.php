<?php

namespace Magento\Framework\Stdlib;

use Magento\Framework\Stdlib\Cookie\PublicCookieMetadata;

interface CookieManagerInterface
{
    public function getCookie($name, $default = null);

    public function setPublicCookie($name, $value, ?PublicCookieMetadata $metadata = null);
}
