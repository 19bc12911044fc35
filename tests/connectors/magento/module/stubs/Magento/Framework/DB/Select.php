<?php

namespace Magento\Framework\DB;

class Select
{
    public $table;
    public $columns = '*';
    public $conditions = [];
    public $order = [];
    public $limit;

    public function from($name, $cols = '*', $schema = null)
    {
        $this->table = $name;
        $this->columns = $cols;
        return $this;
    }

    public function where($cond, $value = null, $type = null)
    {
        $this->conditions[] = [$cond, $value];
        return $this;
    }

    public function order($spec)
    {
        $this->order = (array)$spec;
        return $this;
    }

    public function limit($count = null, $offset = null)
    {
        $this->limit = $count;
        return $this;
    }

    public function forUpdate($flag = true)
    {
        return $this;
    }
}
