<?php

namespace Magento\Framework\Controller\Result;

class Redirect extends \Magento\Framework\Controller\AbstractResult
{
    /** @var string public here for tests to look at: an address, or a path as it was given */
    public $url = '';

    public function setUrl($url)
    {
        $this->url = $url;
        return $this;
    }

    public function setPath($path, array $params = [])
    {
        $this->url = $path;
        return $this;
    }
}
