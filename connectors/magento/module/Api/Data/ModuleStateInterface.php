<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * What the bridge asks first.
 *
 * @api
 */
interface ModuleStateInterface
{
    /**
     * Version of the module.
     *
     * @return string
     */
    public function getVersion(): string;

    /**
     * Version of the module.
     *
     * @param string $version
     * @return void
     */
    public function setVersion(string $version): void;

    /**
     * Which contract with the bridge it keeps.
     *
     * @return int
     */
    public function getApi(): int;

    /**
     * Which contract with the bridge it keeps.
     *
     * @param int $api
     * @return void
     */
    public function setApi(int $api): void;

    /**
     * Whether the admin left it switched on.
     *
     * @return bool
     */
    public function getIsActive(): bool;

    /**
     * Whether the admin left it switched on.
     *
     * @param bool $isActive
     * @return void
     */
    public function setIsActive(bool $isActive): void;

    /**
     * The name of the settings told last; empty: none.
     *
     * @return string
     */
    public function getTold(): string;

    /**
     * The name of the settings told last; empty: none.
     *
     * @param string $told
     * @return void
     */
    public function setTold(string $told): void;

    /**
     * Events to be sent.
     *
     * @return int
     */
    public function getWaiting(): int;

    /**
     * Events to be sent.
     *
     * @param int $waiting
     * @return void
     */
    public function setWaiting(int $waiting): void;

    /**
     * Since when the oldest waits, in seconds.
     *
     * @return int
     */
    public function getOldestWaiting(): int;

    /**
     * Since when the oldest waits, in seconds.
     *
     * @param int $oldestWaiting
     * @return void
     */
    public function setOldestWaiting(int $oldestWaiting): void;
}
