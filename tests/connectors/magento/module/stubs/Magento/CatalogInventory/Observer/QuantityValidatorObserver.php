<?php

namespace Magento\CatalogInventory\Observer;

class QuantityValidatorObserver
{
}
