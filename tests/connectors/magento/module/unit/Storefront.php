<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Clock;
use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Referral\Cookie;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\Wording;
use Magento\Customer\Helper\Session\CurrentCustomer;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\RequestInterface;
use Magento\Framework\Encryption\EncryptorInterface;
use Magento\Framework\Escaper;
use Magento\Framework\Locale\ResolverInterface;
use Magento\Framework\Session\Config\ConfigInterface;
use Magento\Framework\Stdlib\Cookie\CookieMetadataFactory;
use Magento\Framework\Stdlib\Cookie\PublicCookieMetadata;
use Magento\Framework\Stdlib\CookieManagerInterface;
use Magento\Framework\UrlInterface;
use Magento\Store\Model\StoreManagerInterface;
use PHPUnit\Framework\TestCase;

/**
 * What the pages find in a shop.
 */
abstract class Storefront extends TestCase
{
    /** @var array<string, mixed> of the configuration */
    protected array $config = [Settings::ENABLED => true];
    protected string $locale = 'en_US';
    /** @var array<string, string> what the browser sends */
    protected array $sent = [];
    /** @var array<string, array> what it is given: value and metadata by name */
    protected array $given = [];
    /** @var string[] what was logged */
    protected array $logged = [];
    protected bool $isSecure = true;
    /** @var array<string, mixed> of the request */
    protected array $parameters = [];

    protected function settings(): Settings
    {
        $config = $this->createStub(ScopeConfigInterface::class);
        $config->method('getValue')->willReturnCallback(fn ($path) => $this->config[$path] ?? null);
        $config->method('isSetFlag')->willReturnCallback(fn ($path) => (bool)($this->config[$path] ?? false));
        return new Settings($config, $this->createStub(EncryptorInterface::class));
    }

    protected function wording(): Wording
    {
        $locale = $this->createStub(ResolverInterface::class);
        $locale->method('getLocale')->willReturnCallback(fn () => $this->locale);
        return new Wording($this->settings(), $locale);
    }

    protected function log(): Log
    {
        $log = $this->createStub(Log::class);
        $log->method('failure')->willReturnCallback(function ($place): void {
            $this->logged[] = $place;
        });
        return $log;
    }

    protected function customer(?int $id): CurrentCustomer
    {
        $customer = $this->createStub(CurrentCustomer::class);
        $customer->method('getCustomerId')->willReturn($id);
        return $customer;
    }

    protected function balances(?Balance $balance): BalanceStorage
    {
        $storage = $this->createStub(BalanceStorage::class);
        $storage->method('of')->willReturnCallback(
            fn (int $id) => $balance !== null && $balance->customerId === $id ? $balance : null
        );
        return $storage;
    }

    protected function broken(): BalanceStorage
    {
        $storage = $this->createStub(BalanceStorage::class);
        $storage->method('of')->willThrowException(new \RuntimeException('no such table'));
        return $storage;
    }

    protected function url(): UrlInterface
    {
        $url = $this->createStub(UrlInterface::class);
        $url->method('getBaseUrl')->willReturn('https://shop.example/');
        $url->method('getUrl')->willReturnCallback(
            fn ($path, $more = []) => 'https://shop.example/' . $path . '/'
                . (empty($more['_query']) ? '' : '?' . http_build_query($more['_query']))
        );
        return $url;
    }

    protected function stores(): StoreManagerInterface
    {
        $store = $this->createStub(\Magento\Store\Api\Data\StoreInterface::class);
        $store->method('getCode')->willReturn('default');
        $stores = $this->createStub(StoreManagerInterface::class);
        $stores->method('getStore')->willReturn($store);
        return $stores;
    }

    protected function clock(): Clock
    {
        $clock = $this->createStub(Clock::class);
        $clock->method('now')->willReturn(1767225600);
        return $clock;
    }

    protected function request(): RequestInterface
    {
        $request = $this->createStub(RequestInterface::class);
        $request->method('isSecure')->willReturnCallback(fn () => $this->isSecure);
        $request->method('getParam')->willReturnCallback(
            fn ($key, $default = null) => $this->parameters[$key] ?? $default
        );
        return $request;
    }

    protected function cookie(): Cookie
    {
        $cookies = $this->createStub(CookieManagerInterface::class);
        $cookies->method('getCookie')->willReturnCallback(fn ($name) => $this->sent[$name] ?? null);
        $cookies->method('setPublicCookie')->willReturnCallback(
            function ($name, $value, PublicCookieMetadata $metadata): void {
                $this->given[$name] = [$value, $metadata->__toArray()];
            }
        );
        $session = $this->createStub(ConfigInterface::class);
        $session->method('getCookiePath')->willReturn('/');
        $session->method('getCookieDomain')->willReturn('shop.example');
        return new Cookie($cookies, new CookieMetadataFactory(), $session, $this->request());
    }

    /**
     * A template, as Magento's engine includes it, with a block that knows its data.
     */
    protected function render(string $template, array $data, string $area = 'frontend'): string
    {
        $block = new \Magento\Framework\DataObject($data);
        return $this->rendered($block, $template, $area);
    }

    protected function rendered(object $block, string $template, string $area): string
    {
        $escaper = new Escaper();
        ob_start();
        try {
            (static function (string $file, object $block, Escaper $escaper): void {
                include $file;
            })(LOYALTY_BRIDGE_MODULE . '/view/' . $area . '/templates/' . $template, $block, $escaper);
        } finally {
            $html = (string)ob_get_clean();
        }
        $this->assertWhole($html);
        return $html;
    }

    /**
     * Every tag is closed, and a strict policy on contents would let the page through.
     */
    private function assertWhole(string $html): void
    {
        $this->assertDoesNotMatchRegularExpression('/<script|<style|\sstyle=|\son[a-z]+=|javascript:/i', $html);
        libxml_use_internal_errors(true);
        $plain = preg_replace('/ hidden(?=[\s>])/', '', $html);
        $this->assertNotFalse(simplexml_load_string('<r>' . $plain . '</r>'), $html);
        libxml_clear_errors();
    }
}
