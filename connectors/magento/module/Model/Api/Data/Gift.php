<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\GiftInterface;

/**
 * A gift rule.
 */
class Gift implements GiftInterface
{
    /** @var string|null */
    private ?string $key = null;

    /** @var int|null */
    private ?int $websiteId = null;

    /** @var string|null */
    private ?string $rule = null;

    /**
     * @inheritdoc
     */
    public function getKey(): ?string
    {
        return $this->key;
    }

    /**
     * @inheritdoc
     */
    public function setKey(?string $key): void
    {
        $this->key = $key;
    }

    /**
     * @inheritdoc
     */
    public function getWebsiteId(): ?int
    {
        return $this->websiteId;
    }

    /**
     * @inheritdoc
     */
    public function setWebsiteId(?int $websiteId): void
    {
        $this->websiteId = $websiteId;
    }

    /**
     * @inheritdoc
     */
    public function getRule(): ?string
    {
        return $this->rule;
    }

    /**
     * @inheritdoc
     */
    public function setRule(?string $rule): void
    {
        $this->rule = $rule;
    }
}
