<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Block\Account\PointsLink;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\ToldStorage;
use Magento\Framework\App\DefaultPathInterface;
use Magento\Framework\View\Element\Template\Context;

class PointsLinkTest extends Storefront
{
    /**
     * @param array<string, mixed> $configuration
     */
    private function shown(array $configuration, string $told): string
    {
        $this->config = $configuration + [Settings::ENABLED => true];
        $storage = $this->createStub(ToldStorage::class);
        $storage->method('read')->willReturn($told);
        $link = new PointsLink(
            new Context(),
            $this->createStub(DefaultPathInterface::class),
            $this->settings(),
            $storage,
            $this->log(),
            ['label' => 'Points']
        );
        return $link->toHtml();
    }

    public function testTheAccountsMenuLeadsToThePointsOnceTheBridgeToldAnything(): void
    {
        $this->assertSame('', $this->shown([], ''));
        $this->assertSame('<li>Points</li>', $this->shown([], 'fingerprint'));
        $this->assertSame('<li>Points</li>', $this->shown([Settings::MEMBER_URL => 'https://bridge.example/m'], ''));
        $this->assertSame('', $this->shown([Settings::ENABLED => false], 'fingerprint'));
    }
}
