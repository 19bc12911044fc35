<?php

namespace Magento\Quote\Model;

/**
 * As Quote: lines that are only marked as deleted, products joined to a line that represents them,
 * totals collected once until something says otherwise. Events go to $observers.
 */
class Quote extends \Magento\Framework\DataObject
{
    public $observers = [];
    public $collector;
    /** @var callable|null what plugins do after a line was compared with the stock */
    public $afterCheck;
    /** @var float[] what is left, by id of product */
    public $stock = [];
    private $items;
    private $addresses = [];
    private $errors = [];
    private $lastId = 0;

    public function __construct(array $data = [])
    {
        parent::__construct($data);
        $this->items = new class implements \IteratorAggregate {
            public array $all = [];

            public function getIterator(): \Iterator
            {
                return new \ArrayIterator($this->all);
            }

            public function addItem($item)
            {
                $this->all['back' . count($this->all) . spl_object_id($item)] = $item;
                return $this;
            }

            public function removeItemByKey($key)
            {
                unset($this->all[$key]);
                return $this;
            }
        };
        foreach (['billing', 'shipping'] as $type) {
            $address = new Quote\Address(['address_type' => $type]);
            $this->addresses[$type] = $address->setQuote($this);
        }
    }

    public function getId()
    {
        return $this->getData('entity_id');
    }

    public function getStore()
    {
        return $this->getData('store');
    }

    public function getStoreId()
    {
        return 1;
    }

    public function getCustomerGroupId()
    {
        return $this->getData('customer_group_id') ?? 0;
    }

    public function getItemsCollection($useCache = true)
    {
        return $this->items;
    }

    public function getAllItems()
    {
        return array_values(array_filter($this->items->all, fn ($item) => !$item->isDeleted()));
    }

    public function getAllVisibleItems()
    {
        return array_values(array_filter($this->getAllItems(), fn ($item) => !$item->getParentItem()));
    }

    public function getItemById($itemId)
    {
        foreach ($this->items->all as $item) {
            if ($item->getId() == $itemId) {
                return $item;
            }
        }
        return false;
    }

    public function getAllAddresses()
    {
        return array_values($this->addresses);
    }

    public function getShippingAddress()
    {
        return $this->addresses['shipping'];
    }

    public function getBillingAddress()
    {
        return $this->addresses['billing'];
    }

    public function isVirtual()
    {
        $items = $this->getAllVisibleItems();
        $sent = array_filter($items, fn ($item) => !$item->getProduct()->getIsVirtual());
        return $items !== [] && $sent === [];
    }

    public function addItem($item)
    {
        $item->setQuote($this);
        $this->items->all['new' . count($this->items->all) . spl_object_id($item)] = $item;
        return $this;
    }

    public function addProduct($product, $request = null, $processMode = 'full')
    {
        $request = is_numeric($request) || $request === null
            ? new \Magento\Framework\DataObject(['qty' => $request ?? 1]) : $request;
        if (!$product->isSalable()) {
            throw new \Magento\Framework\Exception\LocalizedException(
                __('Product that you are trying to add is not available.')
            );
        }
        $this->dispatch('catalog_product_type_prepare_full_options', ['buy_request' => $request, 'product' => $product]);
        $product->addCustomOption('info_buyRequest', json_encode($request->getData()));
        foreach ((array)$request->getData('options') as $id => $value) {
            $product->addCustomOption('option_' . $id, $value);
        }
        $item = null;
        foreach ($this->getAllItems() as $one) {
            $item ??= $one->representProduct($product) ? $one : null;
        }
        if ($item === null) {
            $item = new Quote\Item(['qty' => 0]);
            $item->setQuote($this)->setOptions($product->getCustomOptions())->setProduct($product);
            $this->addItem($item);
        } elseif ($request->getResetCount()) {
            $item->setData('qty', 0);
        }
        $item->setQty($item->getQty() + $request->getQty());
        $item->setPrice($product->getData('price'));
        if ($item->getHasError()) {
            $this->deleteItem($item);
            throw new \Magento\Framework\Exception\LocalizedException(__('The requested qty is not available'));
        }
        return $item;
    }

    /**
     * As Quote: a line without an id is found by comparing it with all lines.
     */
    public function deleteItem($item)
    {
        if ($item->getId()) {
            return $this->removeItem($item->getId());
        }
        foreach ($this->items as $key => $one) {
            if ($one->compare($item)) {
                $this->items->removeItemByKey($key);
            }
        }
        return $this;
    }

    public function updateItem($itemId, $buyRequest, $params = null)
    {
        $item = $this->getItemById($itemId);
        $product = new \Magento\Catalog\Model\Product($item->getProduct()->getData());
        $result = $this->addProduct($product, $buyRequest->setResetCount(true));
        if ($result->getId() != $itemId) {
            $this->removeItem($itemId);
            foreach ($this->getAllItems() as $one) {
                if ($one !== $result && $result->compare($one)) {
                    $result->setQty($result->getQty() + $one->getQty());
                    $this->removeItem($one->getId());
                    break;
                }
            }
        }
        return $result;
    }

    public function removeItem($itemId)
    {
        $item = $this->getItemById($itemId);
        if ($item) {
            $this->setData('is_multi_shipping', false);
            $item->isDeleted(true);
            $this->dispatch('sales_quote_remove_item', ['quote_item' => $item]);
        }
        return $this;
    }

    public function removeAllItems()
    {
        foreach ($this->items->all as $item) {
            $item->isDeleted(true);
        }
        return $this;
    }

    public function merge(Quote $quote)
    {
        $this->dispatch('sales_quote_merge_before', ['quote' => $this, 'source' => $quote]);
        foreach ($quote->getAllVisibleItems() as $item) {
            foreach ($this->getAllItems() as $one) {
                if ($one->compare($item)) {
                    $one->setQty($one->getQty() + $item->getQty());
                    continue 2;
                }
            }
            $this->addItem(clone $item);
        }
        return $this;
    }

    public function collectTotals()
    {
        if (!$this->getData('totals_collected_flag')) {
            $total = ($this->collector)($this);
            $this->addData($total->getData());
            $this->setData('totals_collected_flag', true);
        }
        return $this;
    }

    /**
     * As the repository: totals, then rows; the next request reads them again.
     */
    public function save()
    {
        $this->collectTotals();
        $this->setData('entity_id', $this->getId() ?? 1);
        $kept = [];
        foreach ($this->getAllItems() as $item) {
            $item->setData('item_id', $item->getId() ?? $this->nextItemId());
            $kept[$item->getId()] = $item;
            foreach (['custom_price', 'original_custom_price', 'base_row_total'] as $price) {
                $value = $item->getData($price);
                $item->setData($price, $value === null ? null : sprintf('%.4F', $value));
            }
            $item->unsetData('calculation_price')->unsetData('tax_calculation_price');
        }
        $this->items->all = $kept;
        $this->unsetData('totals_collected_flag');
        foreach ($this->addresses as $address) {
            $address->unsetData('cached_items_all');
        }
        return $this;
    }

    public function nextItemId()
    {
        return ++$this->lastId;
    }

    /**
     * As the placing of an order with its payment: totals are not collected once more.
     */
    public function order()
    {
        $this->setData('totals_collected_flag', true);
        $this->dispatch('checkout_submit_before', ['quote' => $this]);
        return $this;
    }

    public function checkStock($item)
    {
        $id = $item->getProduct()?->getId();
        $wanted = 0;
        foreach ($this->getAllItems() as $one) {
            $wanted += $one->getProduct()?->getId() === $id ? $one->getQty() : 0;
        }
        if (isset($this->stock[$id]) && $wanted > $this->stock[$id]) {
            $item->addErrorInfo('cataloginventory', 1, 'The requested qty is not available');
            $this->addErrorInfo('qty', 'cataloginventory', 1, 'Some of the products are out of stock.');
        }
        if ($this->afterCheck) {
            ($this->afterCheck)($item);
        }
    }

    public function addErrorInfo($type = 'error', $origin = null, $code = null, $message = null, $additionalData = null)
    {
        $this->errors[] = ['origin' => $origin, 'code' => $code, 'message' => $message];
        return $this->setData('has_error', true);
    }

    public function removeErrorInfosByParams($type, $params)
    {
        $this->errors = array_filter($this->errors, fn ($one) => array_intersect_assoc($params, $one) !== $params);
        return $this->setData('has_error', $this->errors !== []);
    }

    private function dispatch($event, array $data)
    {
        foreach ($this->observers[$event] ?? [] as $observer) {
            $observer->execute(new \Magento\Framework\Event\Observer($data));
        }
    }
}
