<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\ModuleStateInterface;

/**
 * What the bridge asks first.
 */
class ModuleState implements ModuleStateInterface
{
    /** @var string */
    private string $version = '';

    /** @var int */
    private int $api = 0;

    /** @var bool */
    private bool $isActive = false;

    /** @var string */
    private string $told = '';

    /** @var int */
    private int $waiting = 0;

    /** @var int */
    private int $oldestWaiting = 0;

    /**
     * @inheritdoc
     */
    public function getVersion(): string
    {
        return $this->version;
    }

    /**
     * @inheritdoc
     */
    public function setVersion(string $version): void
    {
        $this->version = $version;
    }

    /**
     * @inheritdoc
     */
    public function getApi(): int
    {
        return $this->api;
    }

    /**
     * @inheritdoc
     */
    public function setApi(int $api): void
    {
        $this->api = $api;
    }

    /**
     * @inheritdoc
     */
    public function getIsActive(): bool
    {
        return $this->isActive;
    }

    /**
     * @inheritdoc
     */
    public function setIsActive(bool $isActive): void
    {
        $this->isActive = $isActive;
    }

    /**
     * @inheritdoc
     */
    public function getTold(): string
    {
        return $this->told;
    }

    /**
     * @inheritdoc
     */
    public function setTold(string $told): void
    {
        $this->told = $told;
    }

    /**
     * @inheritdoc
     */
    public function getWaiting(): int
    {
        return $this->waiting;
    }

    /**
     * @inheritdoc
     */
    public function setWaiting(int $waiting): void
    {
        $this->waiting = $waiting;
    }

    /**
     * @inheritdoc
     */
    public function getOldestWaiting(): int
    {
        return $this->oldestWaiting;
    }

    /**
     * @inheritdoc
     */
    public function setOldestWaiting(int $oldestWaiting): void
    {
        $this->oldestWaiting = $oldestWaiting;
    }
}
