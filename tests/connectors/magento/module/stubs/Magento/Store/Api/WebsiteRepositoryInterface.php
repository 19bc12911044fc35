<?php

namespace Magento\Store\Api;

interface WebsiteRepositoryInterface
{
    public function getById($id);
}
