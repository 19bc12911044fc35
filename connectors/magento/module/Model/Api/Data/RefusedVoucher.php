<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api\Data;

use LoyaltyBridge\Loyalty\Api\Data\RefusedVoucherInterface;

/**
 * A code that was not taken.
 */
class RefusedVoucher implements RefusedVoucherInterface
{
    /** @var string */
    private string $code = '';

    /** @var string */
    private string $message = '';

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
    public function getMessage(): string
    {
        return $this->message;
    }

    /**
     * @inheritdoc
     */
    public function setMessage(string $message): void
    {
        $this->message = $message;
    }
}
