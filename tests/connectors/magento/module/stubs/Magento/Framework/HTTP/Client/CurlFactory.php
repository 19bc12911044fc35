<?php

namespace Magento\Framework\HTTP\Client;

class CurlFactory
{
    public function create(array $data = [])
    {
        return new Curl();
    }
}
