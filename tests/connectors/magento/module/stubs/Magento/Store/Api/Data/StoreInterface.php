<?php

namespace Magento\Store\Api\Data;

interface StoreInterface
{
    public function getId();

    public function getCode();

    public function getWebsiteId();
}
