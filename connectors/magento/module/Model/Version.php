<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

/**
 * What the bridge is told of this module.
 */
class Version
{
    /** The same as in composer.json. */
    public const NUMBER = '1.0.0';

    /** Which contract with the bridge it keeps. */
    public const API = 1;
}
