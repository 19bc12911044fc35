<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Clock;
use LoyaltyBridge\Loyalty\Model\Gift\Decision;
use LoyaltyBridge\Loyalty\Model\Gift\Gifts;
use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Gift\QuoteFacts;
use LoyaltyBridge\Loyalty\Model\Gift\QuoteLines;
use LoyaltyBridge\Loyalty\Model\Gift\QuoteStock;
use LoyaltyBridge\Loyalty\Model\Gift\RuleStorage;
use LoyaltyBridge\Loyalty\Model\Gift\RuleText;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Observer\Gift\CheckBeforeOrder;
use LoyaltyBridge\Loyalty\Observer\Gift\LeaveBeforeMerge;
use LoyaltyBridge\Loyalty\Observer\Gift\MarkProduct;
use LoyaltyBridge\Loyalty\Observer\Gift\NoteRemoved;
use LoyaltyBridge\Loyalty\Plugin\Quote\CollectGifts;
use LoyaltyBridge\Loyalty\Plugin\Quote\GiftsBringNoErrors;
use LoyaltyBridge\Loyalty\Plugin\Quote\GiftsShipFree;
use LoyaltyBridge\Loyalty\Plugin\Quote\KeepGiftWhenEdited;
use Magento\Catalog\Api\ProductRepositoryInterface;
use Magento\Catalog\Model\Product;
use Magento\CatalogInventory\Observer\QuantityValidatorObserver;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\App\State;
use Magento\Framework\DataObject;
use Magento\Framework\Encryption\EncryptorInterface;
use Magento\Framework\Event\Observer;
use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Address;
use Magento\Quote\Model\Quote\Address\FreeShippingInterface;
use Magento\Quote\Model\Quote\Address\Total;
use Magento\Quote\Model\Quote\Item;
use Magento\Quote\Model\Quote\TotalsCollector;
use Psr\Log\LoggerInterface;

/**
 * A small shop: products, carts whose totals are collected as Magento does it, and the module in it.
 */
class Checkout
{
    public const NOW = 1795000000;

    public Tables $tables;
    public bool $isOn = true;
    public string $area = 'frontend';
    /** @var array<string, Product> */
    public array $products = [];
    /** @var string[] what was logged */
    public array $logged = [];
    public int $collected = 0;
    public int $loaded = 0;
    /** @var array[] whether shipping rates were asked for, and rules applied before, at each collecting */
    public array $seen = [];
    /** @var callable|null what another module does to the lines while totals are collected */
    public $meddle = null;
    /** @var float part that the shop's own rules take off, 0..1 */
    public float $discount = 0.0;
    /** @var float what the cart must be worth for it, and for the code in it */
    public float $discountFrom = 0.0;
    /** @var bool[] whether it is, as Magento's rules remember it */
    private array $isWorthIt = [];
    /** @var bool a rule gives free shipping to the whole cart */
    public bool $shipsFree = false;
    public CollectGifts $plugin;
    public Mark $mark;
    private GiftsShipFree $shipping;
    private RuleStorage $rules;
    private array $observers;
    private QuoteStock $stock;
    private QuoteLines $lines;

    public function __construct()
    {
        $this->tables = new Tables();
        $this->product('GOODS', 1, 50.0);
        $this->product('MUG', 2, 10.0);
        $this->product('BOOK', 3, 20.0, 'virtual');
        $clock = new class extends Clock {
            public function now(): int
            {
                return Checkout::NOW;
            }
        };
        $resource = new ResourceConnection($this->tables);
        $log = new Log($this->logger());
        $this->mark = new Mark();
        $facts = new QuoteFacts(new BalanceStorage($resource, $clock), $clock, $this->mark);
        $this->stock = new QuoteStock($this->mark);
        $lines = $this->lines = new QuoteLines($this->repository(), $this->mark, $this->stock);
        $this->rules = new RuleStorage($resource, new RuleText(), $clock);
        $gifts = new Gifts(
            $this->settings(),
            $this->rules,
            new Decision(),
            $facts,
            $lines,
            $this->stock,
            $this->state()
        );
        $this->plugin = new CollectGifts($gifts, $log);
        $this->shipping = new GiftsShipFree($this->mark, $log);
        $this->observers = [
            'catalog_product_type_prepare_full_options' => [new MarkProduct($this->mark, $log)],
            'sales_quote_remove_item' => [new NoteRemoved($this->mark, $log)],
            'checkout_submit_before' => [new CheckBeforeOrder($gifts, $log)],
            'sales_quote_merge_before' => [new LeaveBeforeMerge($lines, $facts, $log)],
        ];
    }

    public function product(string $sku, int $id, float $price, string $type = 'simple'): Product
    {
        $this->products[strtolower($sku)] = new Product(
            ['sku' => $sku, 'entity_id' => $id, 'price' => $price, 'type_id' => $type]
        );
        return $this->products[strtolower($sku)];
    }

    public function rule(array $values = []): void
    {
        $rule = $values + self::aRule();
        $this->tables->rows['loyalty_bridge_gift'][] = [
            'gift_key' => $rule['key'],
            'website_id' => 1,
            'rule' => json_encode($rule),
            'updated_at' => '',
        ];
    }

    public static function aRule(): array
    {
        return [
            'v' => 1, 'mark' => 'w/i', 'key' => 'gift-mug', 'rule' => 'mug', 'sku' => 'MUG', 'quantity' => 1,
            'amount' => '100.0000', 'currency' => 'EUR', 'gross' => false, 'after_discounts' => false,
            'groups' => [], 'tiers' => [], 'from' => null, 'until' => null, 'says' => [],
        ];
    }

    public function cart(array $data = []): Quote
    {
        $quote = new Quote($data + [
            'store' => new DataObject(['website_id' => '1', 'base_currency_code' => 'EUR']),
        ]);
        $quote->observers = $this->observers;
        $collector = new TotalsCollector();
        $stock = new GiftsBringNoErrors($this->mark, $this->stock, new Log($this->logger()));
        $quote->afterCheck = fn (Item $item) => $stock->afterExecute(
            new QuantityValidatorObserver(),
            null,
            new Observer(['event' => new DataObject(['item' => $item])])
        );
        $quote->collector = fn (Quote $one) => $this->plugin->aroundCollect($collector, [$this, 'collect'], $one);
        return $quote;
    }

    /** As a shopper: what he puts in is saved, and the request is over. */
    public function put(Quote $quote, string $sku, float $quantity = 1, array $request = []): Quote
    {
        $product = clone $this->products[strtolower($sku)];
        $quote->addProduct($product, new DataObject(['qty' => $quantity] + $request));
        return $quote->save();
    }

    public function edit(Quote $quote, Item $item, array $request): Quote
    {
        $plugin = new KeepGiftWhenEdited($this->mark, $this->lines, new Log($this->logger()));
        $quote->updateItem(...$plugin->beforeUpdateItem($quote, $item->getId(), new DataObject($request)));
        return $quote->save();
    }

    /** The next request: rules are read anew. */
    public function forget(): void
    {
        $this->isWorthIt = [];
        $this->rules->save('other', 2, '');
    }

    /** @return string[] like "2 x MUG = 0.00 (gift-mug)" */
    public function shown(Quote $quote): array
    {
        $shown = [];
        foreach ($quote->getAllVisibleItems() as $item) {
            $key = $this->mark->of($item);
            $shown[] = sprintf('%g x %s = %.2f', $item->getQty(), $item->getSku(), $item->getBaseRowTotal())
                . ($key === '' ? '' : " ($key)");
        }
        sort($shown);
        return $shown;
    }

    public function gift(Quote $quote): ?Item
    {
        foreach ($quote->getAllVisibleItems() as $item) {
            if ($this->mark->of($item) !== '') {
                return $item;
            }
        }
        return null;
    }

    /** The shop's own collecting: lines as the addresses remember them. */
    public function collect(Quote $quote): Total
    {
        $this->collected++;
        $address = $quote->getShippingAddress();
        $rules = $quote->getAppliedRuleIds() . '/' . $address->getAppliedRuleIds();
        $this->seen[] = [(bool)$address->getCollectShippingRates(), $rules];
        $sum = 0.0;
        foreach ($quote->getAllAddresses() as $address) {
            $items = $address->getAllItems();
            $rows = array_map([$this, 'collectOne'], $items);
            $sum += array_sum($rows);
            $off = $this->isWorthIt($address, array_sum($rows)) ? $this->discount : 0.0;
            array_map(fn (Item $item, float $row) => $this->discountOne($item, $row, $off), $items, $rows);
            $this->shipping->aroundIsFreeShipping($this->freeShipping(), [$this, 'isFree'], $quote, $items);
            $address->setCollectShippingRates(false);
        }
        $hasCode = static fn ($address): bool => $address->hasData('coupon_code');
        if (array_filter($quote->getAllAddresses(), $hasCode) === []) {
            $quote->setCouponCode('');
        }
        if ($this->meddle !== null) {
            ($this->meddle)($quote);
        }
        return new Total(['base_subtotal' => $sum]);
    }

    /** As the core's rules of free shipping: a line without discount takes it from all. */
    public function isFree(Quote $quote, $items): bool
    {
        $isFree = $items !== [] && $this->shipsFree;
        foreach ($items as $item) {
            $isFree = $isFree && !$item->getNoDiscount();
            $item->setFreeShipping(false);
        }
        $quote->getShippingAddress()->setFreeShipping((int)$isFree);
        return $isFree;
    }

    private function collectOne(Item $item): float
    {
        $item->setPrice($item->getProduct()->getData('price'));
        if (!$item->getTaxCalculationPrice()) { // Tax remembers it for the whole request
            $item->setTaxCalculationPrice($item->getCalculationPriceOriginal());
        }
        return (float)$item->getTaxCalculationPrice() * $item->getQty();
    }

    /** As Validator and Rule: asked once, and remembered by the address's own name for it. */
    private function isWorthIt(Address $address, float $worth): bool
    {
        if (!$address->hasData('address_sales_rule_id')) {
            $address->setData('address_sales_rule_id', 'temporary' . spl_object_id($address));
        }
        $isWorthIt = $this->isWorthIt[$address->getData('address_sales_rule_id')] ??= $worth >= $this->discountFrom;
        if ($isWorthIt && $worth > 0.0) {
            $address->setCouponCode($address->getQuote()->getCouponCode());
            $address->setDiscountDescriptionArray([...(array)$address->getDiscountDescriptionArray(), 'Summer']);
        }
        return $isWorthIt;
    }

    private function discountOne(Item $item, float $row, float $part): void
    {
        $off = $item->getNoDiscount() ? 0.0 : $row * $part;
        $item->setData('base_row_total', $row);
        $item->setData('base_row_total_incl_tax', $row * 1.2);
        $item->setData('base_discount_amount', $off);
        $item->setData('base_tax_amount', ($row - $off) * 0.2);
    }

    private function freeShipping(): FreeShippingInterface
    {
        return new class implements FreeShippingInterface {
            public function isFreeShipping(Quote $quote, $items)
            {
                return false;
            }
        };
    }

    private function repository(): ProductRepositoryInterface
    {
        return new class ($this) implements ProductRepositoryInterface {
            public function __construct(private Checkout $shop)
            {
            }

            public function get($sku, $editMode = false, $storeId = null, $forceReload = false)
            {
                $this->shop->loaded++;
                return $this->shop->products[strtolower($sku)] ?? throw new NoSuchEntityException();
            }

            public function getById($productId, $editMode = false, $storeId = null, $forceReload = false)
            {
                throw new NoSuchEntityException();
            }
        };
    }

    private function settings(): Settings
    {
        $config = new class ($this) implements ScopeConfigInterface {
            public function __construct(private Checkout $shop)
            {
            }

            public function getValue($path, $scopeType = self::SCOPE_TYPE_DEFAULT, $scopeCode = null)
            {
                return null;
            }

            public function isSetFlag($path, $scopeType = self::SCOPE_TYPE_DEFAULT, $scopeCode = null)
            {
                return $path === Settings::ENABLED && $this->shop->isOn;
            }
        };
        $encryptor = new class implements EncryptorInterface {
            public function encrypt($data)
            {
                return $data;
            }

            public function decrypt($data)
            {
                return $data;
            }
        };
        return new Settings($config, $encryptor);
    }

    private function state(): State
    {
        return new class ($this) extends State {
            public function __construct(private Checkout $shop)
            {
            }

            public function getAreaCode()
            {
                return $this->shop->area;
            }
        };
    }

    private function logger(): LoggerInterface
    {
        return new class ($this) implements LoggerInterface {
            public function __construct(private Checkout $shop)
            {
            }

            public function error($message, array $context = [])
            {
                $this->shop->logged[] = (string)$message;
            }
        };
    }
}
