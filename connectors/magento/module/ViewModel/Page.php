<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\ViewModel;

use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\Serialize\Serializer\Json;
use Magento\Framework\UrlInterface;
use Magento\Framework\View\Element\Block\ArgumentInterface;
use Magento\Store\Model\StoreManagerInterface;

/**
 * What cached pages tell our script. It is the same for everybody: no number of a person, no setting.
 */
class Page implements ArgumentInterface
{
    /**
     * @param UrlInterface $url
     * @param StoreManagerInterface $stores
     * @param Json $json
     * @param Log $log
     */
    public function __construct(
        private readonly UrlInterface $url,
        private readonly StoreManagerInterface $stores,
        private readonly Json $json,
        private readonly Log $log
    ) {
    }

    /**
     * For the points in the page's head.
     *
     * @return string JSON; empty: leave it out
     */
    public function badge(): string
    {
        return $this->script(fn () => [
            'part' => 'badge',
            'url' => $this->url->getUrl('loyaltybridge/points/index'),
            'text' => (string)__('%1: %2'),
            'store' => (string)$this->stores->getStore()->getCode(),
        ]);
    }

    /**
     * For the line on the page to register.
     *
     * @return string JSON; empty: leave it out
     */
    public function invited(): string
    {
        return $this->script(fn () => [
            'part' => 'invited',
            'text' => (string)__('A friend invited you: create your account, and your first order counts.'),
        ]);
    }

    /**
     * For the prices of the variant that a shopper chose.
     *
     * @return string JSON; empty: leave it out
     */
    public function savings(): string
    {
        return $this->script(fn () => ['from' => (string)__('%1 or more')], 'LoyaltyBridge_Loyalty/js/savings');
    }

    /**
     * The attribute's value.
     *
     * @param callable $config
     * @param string $component
     * @return string
     */
    private function script(callable $config, string $component = 'LoyaltyBridge_Loyalty/js/points'): string
    {
        try {
            return (string)$this->json->serialize([$component => $config()]);
        } catch (\Throwable $failure) {
            $this->log->failure('page', $failure);
            return '';
        }
    }
}
