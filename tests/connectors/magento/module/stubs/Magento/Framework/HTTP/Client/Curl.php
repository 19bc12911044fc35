<?php

namespace Magento\Framework\HTTP\Client;

class Curl
{
    public $seen = [];
    public $status = 200;

    public function setHeaders($headers)
    {
        $this->seen['headers'] = $headers;
    }

    public function setTimeout($value)
    {
        $this->seen['timeout'] = $value;
    }

    public function setOptions($arr)
    {
        $this->seen['options'] = $arr;
    }

    public function post($uri, $params)
    {
        $this->seen['post'] = [$uri, $params];
    }

    public function getStatus()
    {
        return $this->status;
    }
}
