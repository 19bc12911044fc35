<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Signature;
use PHPUnit\Framework\TestCase;

class SignatureTest extends TestCase
{
    public function testAnEmptySecretThatEverybodyKnowsSignsNothing(): void
    {
        $this->expectException(\InvalidArgumentException::class);
        (new Signature())->of('', 'message');
    }
}
