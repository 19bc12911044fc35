<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * A gift rule.
 *
 * @api
 */
interface GiftInterface
{
    /**
     * Its key.
     *
     * @return string|null
     */
    public function getKey(): ?string;

    /**
     * Its key.
     *
     * @param string|null $key
     * @return void
     */
    public function setKey(?string $key): void;

    /**
     * The website.
     *
     * @return int|null
     */
    public function getWebsiteId(): ?int;

    /**
     * The website.
     *
     * @param int|null $websiteId
     * @return void
     */
    public function setWebsiteId(?int $websiteId): void;

    /**
     * The rule as JSON text, kept byte for byte.
     *
     * @return string|null
     */
    public function getRule(): ?string;

    /**
     * The rule as JSON text, kept byte for byte.
     *
     * @param string|null $rule
     * @return void
     */
    public function setRule(?string $rule): void;
}
