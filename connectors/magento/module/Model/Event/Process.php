<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

/**
 * What PHP itself does at the end of a request.
 */
class Process
{
    /**
     * Whether the answer can be sent before the request ends (PHP-FPM).
     *
     * @return bool
     */
    public function canAnswerEarly(): bool
    {
        return function_exists('fastcgi_finish_request');
    }

    /**
     * Sends the answer; the request goes on.
     *
     * @return void
     */
    public function answer(): void
    {
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_write_close();
        }
        ignore_user_abort(true);
        fastcgi_finish_request();
    }

    /**
     * Does something when the request ends.
     *
     * @param callable $what
     * @return void
     */
    public function atEnd(callable $what): void
    {
        register_shutdown_function($what);
    }
}
