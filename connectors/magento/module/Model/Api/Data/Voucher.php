<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\VoucherInterface;

/**
 * Who may use a code.
 */
class Voucher implements VoucherInterface
{
    /** @var string|null */
    private ?string $code = null;

    /** @var int[]|null */
    private ?array $customerIds = null;

    /** @var string|null */
    private ?string $email = null;

    /**
     * @inheritdoc
     */
    public function getCode(): ?string
    {
        return $this->code;
    }

    /**
     * @inheritdoc
     */
    public function setCode(?string $code): void
    {
        $this->code = $code;
    }

    /**
     * @inheritdoc
     */
    public function getCustomerIds(): ?array
    {
        return $this->customerIds;
    }

    /**
     * @inheritdoc
     */
    public function setCustomerIds(?array $customerIds): void
    {
        $this->customerIds = $customerIds;
    }

    /**
     * @inheritdoc
     */
    public function getEmail(): ?string
    {
        return $this->email;
    }

    /**
     * @inheritdoc
     */
    public function setEmail(?string $email): void
    {
        $this->email = $email;
    }
}
