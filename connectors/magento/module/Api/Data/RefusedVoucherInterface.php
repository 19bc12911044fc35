<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * A code that was not taken.
 *
 * @api
 */
interface RefusedVoucherInterface
{
    /**
     * Code.
     *
     * @return string
     */
    public function getCode(): string;

    /**
     * Code.
     *
     * @param string $code
     * @return void
     */
    public function setCode(string $code): void;

    /**
     * Why.
     *
     * @return string
     */
    public function getMessage(): string;

    /**
     * Why.
     *
     * @param string $message
     * @return void
     */
    public function setMessage(string $message): void;
}
