<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\OwnedVoucherInterface;

/**
 * Who may use a code, and who uses it.
 */
class OwnedVoucher implements OwnedVoucherInterface
{
    /** @var string */
    private string $code = '';

    /** @var int[] */
    private array $customerIds = [];

    /** @var string */
    private string $email = '';

    /** @var bool */
    private bool $isClaimed = false;

    /** @var string */
    private string $orderIncrement = '';

    /**
     * @inheritdoc
     */
    public function getCode(): string
    {
        return $this->code;
    }

    /**
     * @inheritdoc
     */
    public function setCode(string $code): void
    {
        $this->code = $code;
    }

    /**
     * @inheritdoc
     */
    public function getCustomerIds(): array
    {
        return $this->customerIds;
    }

    /**
     * @inheritdoc
     */
    public function setCustomerIds(array $customerIds): void
    {
        $this->customerIds = $customerIds;
    }

    /**
     * @inheritdoc
     */
    public function getEmail(): string
    {
        return $this->email;
    }

    /**
     * @inheritdoc
     */
    public function setEmail(string $email): void
    {
        $this->email = $email;
    }

    /**
     * @inheritdoc
     */
    public function getIsClaimed(): bool
    {
        return $this->isClaimed;
    }

    /**
     * @inheritdoc
     */
    public function setIsClaimed(bool $isClaimed): void
    {
        $this->isClaimed = $isClaimed;
    }

    /**
     * @inheritdoc
     */
    public function getOrderIncrement(): string
    {
        return $this->orderIncrement;
    }

    /**
     * @inheritdoc
     */
    public function setOrderIncrement(string $orderIncrement): void
    {
        $this->orderIncrement = $orderIncrement;
    }
}
