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
}
