<?php

namespace Magento\Quote\Model\Quote;

/**
 * As Quote\Address: remembers its lines; those of a cart for several addresses are its own.
 */
class Address extends \Magento\Framework\DataObject
{
    public const TYPE_BILLING = 'billing';
    private $quote;
    private $own = [];

    public function setQuote($quote)
    {
        $this->quote = $quote;
        return $this;
    }

    public function getQuote()
    {
        return $this->quote;
    }

    public function addItem($item)
    {
        $line = new Item(['item_id' => 1000 + $item->getId(), 'quote_item_id' => $item->getId()]);
        $this->own[] = $line;
        return $this;
    }

    public function getItemsCollection()
    {
        return $this->own;
    }

    public function getAllItems()
    {
        if (!$this->hasData('cached_items_all')) {
            $wanted = $this->quote->isVirtual() ? 'billing' : 'shipping';
            $isMine = $this->getData('address_type') === $wanted;
            $this->setData('cached_items_all', $isMine ? $this->quote->getAllItems() : []);
        }
        return $this->getData('cached_items_all');
    }

    public function getEmail()
    {
        return $this->getData('email');
    }
}
