<?php

namespace Magento\Framework;

class DataObject
{
    protected $_data = [];

    public function __construct(array $data = [])
    {
        $this->_data = $data;
    }

    public function getData($key = '', $index = null)
    {
        return $key === '' ? $this->_data : ($this->_data[$key] ?? null);
    }

    public function setData($key, $value = null)
    {
        if (is_array($key)) {
            $this->_data = $key;
        } else {
            $this->_data[$key] = $value;
        }
        return $this;
    }

    public function unsetData($key = null)
    {
        unset($this->_data[$key]);
        return $this;
    }

    public function hasData($key = '')
    {
        return array_key_exists($key, $this->_data);
    }

    public function addData(array $arr)
    {
        $this->_data = $arr + $this->_data;
        return $this;
    }

    public function __call($method, $args)
    {
        $key = strtolower(trim(preg_replace('/([A-Z]|[0-9]+)/', '_$1', substr($method, 3)), '_'));
        switch (substr($method, 0, 3)) {
            case 'get':
                return $this->getData($key);
            case 'set':
                return $this->setData($key, $args[0] ?? null);
            case 'uns':
                return $this->unsetData($key);
            case 'has':
                return isset($this->_data[$key]);
        }
        throw new \BadMethodCallException($method);
    }
}
