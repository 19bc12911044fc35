<?php

namespace Magento\Catalog\Api;

interface ProductRepositoryInterface
{
    public function get($sku, $editMode = false, $storeId = null, $forceReload = false);

    public function getById($productId, $editMode = false, $storeId = null, $forceReload = false);
}
