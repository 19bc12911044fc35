<?php

namespace Magento\Framework\DB\Adapter;

interface AdapterInterface
{
    public function select();

    public function fetchAll($sql, $bind = [], $fetchMode = null);

    public function fetchRow($sql, $bind = [], $fetchMode = null);

    public function fetchCol($sql, $bind = []);

    public function fetchOne($sql, $bind = []);

    public function insert($table, array $bind);

    public function insertOnDuplicate($table, array $data, array $fields = []);

    public function update($table, array $bind, $where = '');

    public function delete($table, $where = '');

    public function getTransactionLevel();
}
