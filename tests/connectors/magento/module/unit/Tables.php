<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Select;

/**
 * A database in the memory that understands the conditions the module writes, and counts its work.
 */
class Tables implements AdapterInterface
{
    /** @var array<string, array[]> rows by table */
    public array $rows = [];
    /** @var array<string, string> unique column by table */
    public array $keys = [
        'loyalty_bridge_balance' => 'customer_id',
        'loyalty_bridge_gift' => 'gift_key',
        'loyalty_bridge_voucher' => 'code',
        'loyalty_bridge_told' => 'name',
        'loyalty_bridge_event' => 'token',
    ];
    /** @var array<string, array> what a table writes by itself */
    public array $defaults = [
        'loyalty_bridge_voucher' => ['quote_id' => null, 'order_increment' => null],
        'loyalty_bridge_event' => ['attempts' => 0, 'next_try_at' => null, 'error' => null],
    ];
    public int $statements = 0;
    public int $level = 0;
    private int $last = 0;

    public function select()
    {
        return new Select();
    }

    public function fetchAll($sql, $bind = [], $fetchMode = null)
    {
        $this->statements++;
        $found = [];
        foreach ($this->rows[$sql->table] ?? [] as $row) {
            if ($this->fits($row, $sql->conditions)) {
                $found[] = $row;
            }
        }
        foreach (array_reverse($sql->order) as $column) {
            [$name, $way] = explode(' ', $column . ' ASC');
            usort($found, static fn ($a, $b) => ($way === 'DESC' ? -1 : 1) * ($a[$name] <=> $b[$name]));
        }
        return $sql->limit === null ? $found : array_slice($found, 0, (int)$sql->limit);
    }

    public function fetchRow($sql, $bind = [], $fetchMode = null)
    {
        $rows = $this->fetchAll($sql);
        $columns = array_filter((array)$sql->columns, static fn ($column) => $column instanceof \Zend_Db_Expr);
        if ($columns === []) {
            return $rows[0] ?? false;
        }
        $found = [];
        foreach ($columns as $name => $expression) {
            preg_match('/^(COUNT|MIN)\((.+)\)$/', (string)$expression, $parts);
            $values = $parts[2] === '*' ? $rows : array_column($rows, $parts[2]);
            $found[$name] = $parts[1] === 'COUNT' ? count($values) : ($values === [] ? null : min($values));
        }
        return $found;
    }

    public function fetchCol($sql, $bind = [])
    {
        return array_map(fn ($row) => $this->first($row, $sql), $this->fetchAll($sql));
    }

    public function fetchOne($sql, $bind = [])
    {
        $row = $this->fetchRow($sql);
        return $row === false ? false : $this->first($row, $sql);
    }

    public function insert($table, array $bind)
    {
        return $this->insertOnDuplicate($table, [$bind], []);
    }

    public function insertOnDuplicate($table, array $data, array $fields = [])
    {
        $this->statements++;
        $key = $this->keys[$table];
        foreach (isset($data[0]) ? $data : [$data] as $new) {
            foreach ($this->rows[$table] ?? [] as $at => $row) {
                if ($row[$key] === $new[$key]) {
                    $this->rows[$table][$at] = array_intersect_key($new, array_flip($fields)) + $row;
                    continue 2;
                }
            }
            $this->rows[$table][] = $new + ($this->defaults[$table] ?? []) + ['event_id' => ++$this->last];
        }
        return count($data);
    }

    public function update($table, array $bind, $where = '')
    {
        $this->statements++;
        $changed = 0;
        foreach ($this->rows[$table] ?? [] as $at => $row) {
            if ($this->fits($row, $this->pairs($where))) {
                $changed += (int)(array_merge($row, $bind) !== $row);
                $this->rows[$table][$at] = array_merge($row, $bind);
            }
        }
        return $changed;
    }

    public function delete($table, $where = '')
    {
        $this->statements++;
        $before = count($this->rows[$table] ?? []);
        $conditions = $this->pairs($where);
        $left = array_filter($this->rows[$table] ?? [], fn ($row) => !$this->fits($row, $conditions));
        $this->rows[$table] = array_values($left);
        return $before - count($left);
    }

    public function getTransactionLevel()
    {
        return $this->level;
    }

    private function first(array $row, Select $select)
    {
        $columns = (array)$select->columns;
        $column = reset($columns);
        return $row[$column];
    }

    private function pairs($where): array
    {
        $found = [];
        foreach ($where === '' ? [] : (array)$where as $condition => $value) {
            $found[] = is_int($condition) ? [$value, null] : [$condition, $value];
        }
        return $found;
    }

    private function fits(array $row, array $conditions): bool
    {
        foreach ($conditions as [$condition, $value]) {
            if (!$this->fitsOne($row, trim($condition, '()'), $value)) {
                return false;
            }
        }
        return true;
    }

    private function fitsOne(array $row, string $condition, $value): bool
    {
        $isFound = false;
        foreach (explode(' OR ', $condition) as $part) {
            [$column, $operator] = explode(' ', $part, 2);
            $here = $row[$column];
            $isFound = $isFound || match ($operator) {
                '= ?' => $here !== null && (string)$here === (string)$value,
                '<> ?' => $here !== null && (string)$here !== (string)$value,
                '<= ?' => $here !== null && $here <= $value,
                '< ?' => $here !== null && $here < $value,
                '> ?' => $here !== null && $here > $value,
                'IN (?', 'IN (?)' => in_array((string)$here, array_map('strval', (array)$value), true),
                'IS NULL' => $here === null,
                'IS NOT NULL' => $here !== null,
            };
        }
        return $isFound;
    }
}
