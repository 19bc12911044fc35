<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Block\Adminhtml\Customer\Points;
use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use Magento\Backend\Block\Template\Context;

class CustomerTabTest extends Storefront
{
    private function tab(?string $id, BalanceStorage $balances): Points
    {
        $this->parameters = ['id' => $id];
        $context = $this->createStub(Context::class);
        $context->method('getRequest')->willReturn($this->request());
        return new Points($context, $balances, $this->wording(), $this->log());
    }

    public function testTheAdminReadsTheBalance(): void
    {
        $balance = new Balance(17, 1200, 30, '<Gold>', 'gold', 200, '2026-12-31');
        $tab = $this->tab('17', $this->balances($balance));

        $html = $this->rendered($tab, 'customer/points.phtml', 'adminhtml');

        $this->assertTrue($tab->canShowTab());
        foreach (['1,200 Points', '30 Points', '&lt;Gold&gt;', '200 Points expire on December 31, 2026.'] as $text) {
            $this->assertStringContainsString($text, $html);
        }
        $this->assertDoesNotMatchRegularExpression('/<(form|input|button|a)\b/', $html);
    }

    public function testWithoutABalanceThePageIsWhole(): void
    {
        foreach ([$this->balances(null), $this->broken()] as $balances) {
            $html = $this->rendered($this->tab('17', $balances), 'customer/points.phtml', 'adminhtml');
            $this->assertStringContainsString('has told no balance', $html);
        }
        $this->assertSame(['customer tab'], $this->logged);
    }

    public function testANewCustomerHasNoTab(): void
    {
        $this->assertFalse($this->tab(null, $this->broken())->canShowTab());
        $this->assertTrue($this->tab(null, $this->broken())->isHidden());
    }
}
