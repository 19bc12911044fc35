<?php

namespace Magento\Framework;

interface UrlInterface
{
    public function getBaseUrl($params = []);

    public function getUrl($routePath = null, $routeParams = null);
}
