<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

/**
 * What became of a message.
 */
class Outcome
{
    public const ARRIVED = 'arrived';
    public const REFUSED = 'refused';
    /** No answer, or nobody there any more. */
    public const SILENT = 'silent';
    /** Another sender has it. */
    public const TAKEN = 'taken';
}
