<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Block\Adminhtml\Customer;

use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Wording;
use Magento\Backend\Block\Template;
use Magento\Backend\Block\Template\Context;
use Magento\Ui\Component\Layout\Tabs\TabInterface;

/**
 * The tab "Loyalty points" of a customer: to read, never to change.
 */
class Points extends Template implements TabInterface
{
    /** @var BalanceStorage */
    private BalanceStorage $balances;

    /** @var Wording */
    private Wording $wording;

    /** @var Log */
    private Log $log;

    /**
     * @param Context $context
     * @param BalanceStorage $balances
     * @param Wording $wording
     * @param Log $log
     * @param array $data
     */
    public function __construct(
        Context $context,
        BalanceStorage $balances,
        Wording $wording,
        Log $log,
        array $data = []
    ) {
        parent::__construct($context, $data);
        $this->balances = $balances;
        $this->wording = $wording;
        $this->log = $log;
    }

    /**
     * What the bridge told, as name and text; none: it told nothing of this customer.
     *
     * @return array<int, array{name: string, text: string}>
     */
    public function lines(): array
    {
        try {
            $balance = $this->balances->of($this->customerId());
            return $balance === null ? [] : $this->of($balance);
        } catch (\Throwable $failure) {
            $this->log->failure('customer tab', $failure);
            return [];
        }
    }

    /**
     * @inheritDoc
     */
    public function getTabLabel()
    {
        return __('Loyalty points');
    }

    /**
     * @inheritDoc
     */
    public function getTabTitle()
    {
        return __('Loyalty points');
    }

    /**
     * @inheritDoc
     */
    public function getTabClass()
    {
        return '';
    }

    /**
     * @inheritDoc
     */
    public function getTabUrl()
    {
        return '';
    }

    /**
     * @inheritDoc
     */
    public function isAjaxLoaded()
    {
        return false;
    }

    /**
     * @inheritDoc
     */
    public function canShowTab()
    {
        return $this->customerId() > 0;
    }

    /**
     * @inheritDoc
     */
    public function isHidden()
    {
        return $this->customerId() === 0;
    }

    /**
     * The customer on the page; 0: a new one.
     *
     * @return int
     */
    private function customerId(): int
    {
        $id = $this->getRequest()->getParam('id');
        return is_scalar($id) ? max(0, (int)$id) : 0;
    }

    /**
     * Names and texts.
     *
     * @param Balance $balance
     * @return array
     */
    private function of(Balance $balance): array
    {
        $lines = [
            ['name' => (string)__('Available now'), 'text' => $this->wording->points($balance->available)],
            ['name' => (string)__('Not available yet'), 'text' => $this->wording->points($balance->pending)],
        ];
        if ($balance->tier !== '') {
            $lines[] = ['name' => (string)__('Loyalty level'), 'text' => $balance->tier];
        }
        $day = $this->wording->day($balance->expiresOn);
        if ($day !== '' && $balance->expiring > 0) {
            $lines[] = [
                'name' => (string)__('Expire next'),
                'text' => (string)__('%1 expire on %2.', $this->wording->points($balance->expiring), $day),
            ];
        }
        return $lines;
    }
}
