<?php

namespace Magento\Quote\Model\Quote;

/**
 * As Quote\Item and Quote\Item\AbstractItem: options, prices remembered until the price is set anew,
 * errors that a quantity brings upon the line and the quote.
 */
class Item extends \Magento\Framework\DataObject
{
    private $options = [];
    private $errors = [];
    private $isDeleted = false;
    private $quote;
    private $children = [];
    private $parent;

    public function getId()
    {
        return $this->getData('item_id');
    }

    public function setQuote($quote)
    {
        $this->quote = $quote;
        return $this;
    }

    public function getQuote()
    {
        return $this->quote;
    }

    public function isDeleted($isDeleted = null)
    {
        $was = $this->isDeleted;
        $this->isDeleted = $isDeleted ?? $was;
        return $was;
    }

    public function setProduct($product)
    {
        $this->setData('sku', $product->getData('sku'));
        $this->setData('product_id', $product->getId());
        return $this->setData('product', $product);
    }

    public function getProduct()
    {
        return $this->getData('product');
    }

    public function getSku()
    {
        return $this->getData('sku');
    }

    public function setOptions($options)
    {
        foreach ($options as $option) {
            $this->options[$option->getCode()] = clone $option;
        }
        return $this;
    }

    public function getOptions()
    {
        return array_values($this->options);
    }

    public function getOptionByCode($code)
    {
        return $this->options[$code] ?? null;
    }

    public function representProduct($product)
    {
        if ($this->getProduct()->getId() != $product->getId()) {
            return false;
        }
        $theirs = $product->getCustomOptions();
        return $this->compareOptions($this->options, $theirs) && $this->compareOptions($theirs, $this->options);
    }

    public function compareOptions($options1, $options2)
    {
        foreach ($options1 as $option) {
            $code = $option->getCode();
            if ($code === 'info_buyRequest') {
                continue;
            }
            if (!isset($options2[$code]) || $options2[$code]->getValue() != $option->getValue()) {
                return false;
            }
        }
        return true;
    }

    public function compare($item)
    {
        // One release compares article numbers first.
        return $this->getSku() === $item->getSku();
    }

    public function setQty($qty)
    {
        $this->setData('qty', $qty > 0 ? $qty : 1);
        $this->removeErrorInfosByParams(['origin' => 'cataloginventory']);
        if ($this->quote) {
            $this->quote->checkStock($this);
        }
        return $this;
    }

    public function getQty()
    {
        return $this->getData('qty');
    }

    public function setCustomPrice($value)
    {
        $this->setData('calculation_price', $value);
        return $this->setData('custom_price', $value);
    }

    public function setPrice($value)
    {
        $this->setData('calculation_price', null);
        return $this->setData('price', $value);
    }

    public function getCalculationPriceOriginal()
    {
        $price = $this->getData('calculation_price');
        if ($price === null) {
            $price = $this->hasOriginalCustomPrice() ? $this->getData('original_custom_price') : $this->getData('price');
            $this->setData('calculation_price', $price);
        }
        return $price;
    }

    public function getBaseRowTotal()
    {
        return $this->getData('base_row_total');
    }

    public function getBaseDiscountAmount()
    {
        return $this->getData('base_discount_amount');
    }

    public function setParentItem($parent)
    {
        $this->parent = $parent;
        $parent->children[] = $this;
        $parent->setData('has_children', true);
        return $this;
    }

    public function save()
    {
        return $this->setData('item_id', $this->quote->nextItemId());
    }

    public function getParentItem()
    {
        return $this->parent;
    }

    public function getChildren()
    {
        return $this->children;
    }

    public function isChildrenCalculated()
    {
        return (bool)$this->getData('is_children_calculated');
    }

    public function addErrorInfo($origin = null, $code = null, $message = null, $additionalData = null)
    {
        $this->errors[] = ['origin' => $origin, 'code' => $code, 'message' => $message];
        return $this->setData('has_error', true);
    }

    public function getErrorInfos()
    {
        return $this->errors;
    }

    public function removeErrorInfosByParams($params)
    {
        $this->errors = array_filter($this->errors, fn ($one) => array_intersect_assoc($params, $one) !== $params);
        return $this->setData('has_error', $this->errors !== []);
    }

    public function clearMessage()
    {
        return $this;
    }

    public function __clone()
    {
        $this->setData('item_id', null);
        $this->quote = null;
        $this->children = [];
        $this->parent = null;
        $this->options = array_map(fn ($one) => clone $one, $this->options);
    }
}
