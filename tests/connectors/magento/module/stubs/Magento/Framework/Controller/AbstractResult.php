<?php

namespace Magento\Framework\Controller;

abstract class AbstractResult implements ResultInterface
{
    /** @var array public here for tests to look at */
    public $headers = [];

    public function setHttpResponseCode($httpCode)
    {
        return $this;
    }

    public function setHeader($name, $value, $replace = false)
    {
        $this->headers[$name] = $value;
        return $this;
    }
}
