<?php

/**
 * The module's templates with real view models, as JSON: php page.php LOCALE LABEL TIER.
 */

declare(strict_types=1);

use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\Wording;
use LoyaltyBridge\Loyalty\ViewModel\Page;
use LoyaltyBridge\Loyalty\ViewModel\Points;
use LoyaltyBridge\Loyalty\ViewModel\Savings;
use Magento\Catalog\Model\Product;
use Magento\Catalog\Pricing\Price\TierPrice;
use Magento\Framework\DataObject;
use Magento\Framework\Escaper;
use Magento\Framework\Serialize\Serializer\Json;

/** What the catalogue of the language says. */
function __($text, ...$arguments)
{
    static $said = null;
    if ($said === null) {
        $said = [];
        $file = fopen(LOYALTY_BRIDGE_MODULE . '/i18n/' . $GLOBALS['argv'][1] . '.csv', 'r');
        while ($row = fgetcsv($file)) {
            $said[$row[0]] = $row[1];
        }
    }
    return new \Magento\Framework\Phrase($said[(string)$text] ?? $text, $arguments);
}

require __DIR__ . '/bootstrap.php';

[, $locale, $label, $tier] = $argv;

/** Any object with these methods. */
$fake = static fn (array $methods) => new class ($methods) {
    public function __construct(private readonly array $methods)
    {
    }

    public function __call(string $name, array $arguments)
    {
        return ($this->methods[$name])(...$arguments);
    }
};
$settings = new Settings(
    new class ($label) implements \Magento\Framework\App\Config\ScopeConfigInterface {
        public function __construct(private readonly string $label)
        {
        }

        public function getValue($path, $scopeType = 'default', $scopeCode = null)
        {
            return [
                Settings::POINTS_LABEL => $this->label,
                Settings::MEMBER_URL => 'https://bridge.example/member',
                Settings::LINK_SECRET => 'secret',
            ][$path] ?? null;
        }

        public function isSetFlag($path, $scopeType = 'default', $scopeCode = null)
        {
            return true;
        }
    },
    new class implements \Magento\Framework\Encryption\EncryptorInterface {
        public function encrypt($data)
        {
            return $data;
        }

        public function decrypt($data)
        {
            return $data;
        }
    }
);
$wording = new Wording($settings, new class ($locale) implements \Magento\Framework\Locale\ResolverInterface {
    public function __construct(private readonly string $locale)
    {
    }

    public function getLocale()
    {
        return $this->locale;
    }
});
$log = new class extends Log {
    public function __construct()
    {
    }

    public function failure(string $place, \Throwable $failure): void
    {
        throw $failure;
    }
};
$url = new class implements \Magento\Framework\UrlInterface {
    public function getBaseUrl($params = [])
    {
        return 'https://shop.example/';
    }

    public function getUrl($routePath = null, $routeParams = null)
    {
        $query = http_build_query($routeParams['_query'] ?? []);
        return 'https://shop.example/' . $routePath . '/' . ($query === '' ? '' : '?' . $query);
    }
};
$customer = new class extends \Magento\Customer\Helper\Session\CurrentCustomer {
    public function getCustomerId()
    {
        return 17;
    }
};
$balances = new class ($tier) extends BalanceStorage {
    public function __construct(private readonly string $tier)
    {
    }

    public function of(int $customerId): ?Balance
    {
        return new Balance($customerId, 12345, 250, $this->tier, 'gold', 1200, '2026-12-31');
    }
};
$stores = new class ($fake) implements \Magento\Store\Model\StoreManagerInterface {
    public function __construct(private readonly \Closure $fake)
    {
    }

    public function getStore($storeId = null)
    {
        return ($this->fake)(['getCode' => fn () => 'default']);
    }

    public function getWebsite($websiteId = null)
    {
        return null;
    }
};
$amount = static fn (float $value) => $fake(['getValue' => fn () => $value]);
$tiers = new class ($amount) extends TierPrice {
    public function __construct(private readonly \Closure $amount)
    {
    }

    public function getTierPriceList()
    {
        $list = [];
        foreach ([5 => 18.99, 10 => 17.49, 100 => 14.99] as $quantity => $price) {
            $list[] = ['price_qty' => $quantity, 'price' => ($this->amount)($price)];
        }
        return $list;
    }
};
$catalog = new class extends \Magento\Catalog\Helper\Data {
    public ?Product $product = null;

    public function getProduct()
    {
        return $this->product;
    }
};
$currency = new class ($locale) implements \Magento\Framework\Pricing\PriceCurrencyInterface {
    public function __construct(private readonly string $locale)
    {
    }

    public function format($amount, $includeContainer = true, $precision = 2, $scope = null, $currency = null)
    {
        return (new \NumberFormatter($this->locale, \NumberFormatter::CURRENCY))->formatCurrency($amount, 'EUR');
    }
};
$product = static fn (string $type) => new Product([
    'type_id' => $type,
    'type_instance' => $fake(['isComposite' => fn () => $type !== 'simple']),
    'price_info' => $fake(['getPrice' => fn (string $code) => [
        'tier_price' => $tiers,
        'final_price' => $fake(['getAmount' => fn () => $amount(19.99)]),
        'msrp_price' => $fake(['isShowPriceOnGesture' => fn () => false]),
    ][$code]]),
]);
$points = new Points($settings, $customer, $balances, $wording, $url, $log);
$page = new Page($url, $stores, new Json(), $log);
$savings = new Savings($catalog, $currency, new \Magento\Framework\Module\Manager(), $wording, $log);

$render = static function (string $template, array $data): string {
    $block = new DataObject($data);
    $escaper = new Escaper();
    ob_start();
    include LOYALTY_BRIDGE_MODULE . '/view/frontend/templates/' . $template . '.phtml';
    return (string)ob_get_clean();
};
$html = [];
foreach (['account' => $points, 'dashboard' => $points, 'badge' => $page, 'invited' => $page] as $name => $model) {
    $html[$name] = $render($name, ['view_model' => $model]);
}
foreach (['simple', 'configurable'] as $type) {
    $catalog->product = $product($type);
    $html[$type] = $render('savings', ['view_model' => $savings, 'page' => $page]);
}
echo json_encode($html, JSON_THROW_ON_ERROR);
