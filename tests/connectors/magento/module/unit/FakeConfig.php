<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use Magento\Framework\App\Config\ReinitableConfigInterface;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\Config\Storage\WriterInterface;
use Magento\Framework\Encryption\EncryptorInterface;

/**
 * Configuration as the core keeps it: values that config.xml marks as encrypted are decrypted when they are
 * read, and what is written shows only after reinit().
 */
class FakeConfig implements ReinitableConfigInterface, WriterInterface, EncryptorInterface
{
    /** @var array<string, string> as in core_config_data */
    public array $stored = [];
    public int $writes = 0;
    /** @var array<string, string> */
    private array $seen = [];
    /** @var string[] */
    private array $encrypted = [];

    public function __construct()
    {
        $default = simplexml_load_file(LOYALTY_BRIDGE_MODULE . '/etc/config.xml')->default->loyalty_bridge;
        foreach ($default->children() as $group => $fields) {
            foreach ($fields->children() as $field => $value) {
                $path = "loyalty_bridge/$group/$field";
                if ((string)$value['backend_model'] !== '') {
                    $this->encrypted[] = $path;
                } else {
                    $this->stored[$path] = (string)$value;
                }
            }
        }
        $this->reinit();
    }

    public function getValue($path, $scopeType = ScopeConfigInterface::SCOPE_TYPE_DEFAULT, $scopeCode = null)
    {
        return $this->seen[$path] ?? null;
    }

    public function isSetFlag($path, $scopeType = ScopeConfigInterface::SCOPE_TYPE_DEFAULT, $scopeCode = null)
    {
        return (bool)$this->getValue($path);
    }

    public function setValue(
        $path,
        $value,
        $scopeType = ScopeConfigInterface::SCOPE_TYPE_DEFAULT,
        $scopeCode = null
    ) {
        $this->stored[$path] = $value;
        $this->reinit();
    }

    public function reinit()
    {
        $this->seen = $this->stored;
        foreach ($this->encrypted as $path) {
            $this->seen[$path] = $this->decrypt($this->stored[$path] ?? null);
        }
        return $this;
    }

    public function save($path, $value, $scope = ScopeConfigInterface::SCOPE_TYPE_DEFAULT, $scopeId = 0)
    {
        $this->writes++;
        $this->stored[$path] = $value;
    }

    public function delete($path, $scope = ScopeConfigInterface::SCOPE_TYPE_DEFAULT, $scopeId = 0)
    {
        unset($this->stored[$path]);
    }

    public function encrypt($data)
    {
        return '0:3:' . base64_encode(strrev($data));
    }

    public function decrypt($data)
    {
        $parts = explode(':', (string)$data, 3);
        return count($parts) === 3 ? strrev(base64_decode($parts[2])) : '';
    }
}
