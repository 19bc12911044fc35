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
     * The code.
     *
     * @return string
     */
    public function getCode(): string;

    /**
     * The code.
     *
     * @param string $code
     * @return void
     */
    public function setCode(string $code): void;

    /**
     * Why not.
     *
     * @return string
     */
    public function getMessage(): string;

    /**
     * Why not.
     *
     * @param string $message
     * @return void
     */
    public function setMessage(string $message): void;
}
