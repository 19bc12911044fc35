<?php

namespace Magento\Framework\App;

class ResourceConnection
{
    public const DEFAULT_CONNECTION = 'default';

    public function __construct(private $connection = null)
    {
    }

    public function getConnection($resourceName = self::DEFAULT_CONNECTION)
    {
        return $this->connection;
    }

    public function getTableName($modelEntity, $connectionName = self::DEFAULT_CONNECTION)
    {
        return $modelEntity;
    }
}
