<?php

namespace Magento\Framework\Stdlib\Cookie;

class CookieMetadataFactory
{
    public function createPublicCookieMetadata($metadata = [])
    {
        return new PublicCookieMetadata($metadata);
    }
}
