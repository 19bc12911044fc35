<?php

declare(strict_types=1);

/*
 * Runs the app's scripts in real Twig, in a cart that behaves as PLUGIN_FACTS "Shopware app" says.
 * Reads one JSON object a line and answers with one. Only what the scripts touch is here, with the
 * shop's own names and types, so that a wrong call is the TypeError that it is in the shop.
 */

require '/usr/share/php/Twig/autoload.php';

// As the shop does: a warning is an exception.
set_error_handler(static function (int $level, string $text, string $file, int $line): bool {
    throw new ErrorException($text, 0, $level, $file, $line);
});

// -- Twig, with the tag that the shop adds -----------------------------------------------------

final class ReturnNode extends Twig\Node\Node
{
    public function compile(Twig\Compiler $compiler): void
    {
        $compiler->write('return ');
        $this->hasNode('expr') ? $compiler->subcompile($this->getNode('expr')) : $compiler->raw('""');
        $compiler->raw(";\n");
    }
}

final class ReturnTokenParser extends Twig\TokenParser\AbstractTokenParser
{
    public function parse(Twig\Token $token): ReturnNode
    {
        $stream = $this->parser->getStream();
        $nodes = [];
        if (!$stream->test(Twig\Token::BLOCK_END_TYPE)) {
            $nodes['expr'] = $this->parser->getExpressionParser()->parseExpression();
        }
        $stream->expect(Twig\Token::BLOCK_END_TYPE);

        return new ReturnNode($nodes, [], $token->getLine(), $this->getTag());
    }

    public function getTag(): string
    {
        return 'return';
    }
}

final class ShopExtension extends Twig\Extension\AbstractExtension
{
    public function getTokenParsers(): array
    {
        return [new ReturnTokenParser()];
    }
}

function twig(string $folder): Twig\Environment
{
    static $environments = [];
    if (!isset($environments[$folder])) {
        $environments[$folder] = new Twig\Environment(new Twig\Loader\FilesystemLoader($folder));
        $environments[$folder]->addExtension(new ShopExtension());
    }

    return $environments[$folder];
}

// -- the cart, and what scripts see of it --------------------------------------------------------

final class Taxes
{
    public function __construct(private float $amount)
    {
    }

    public function getAmount(): float
    {
        return $this->amount;
    }
}

final class CalculatedPrice
{
    public function __construct(public float $unit, public int $quantity, public float $rate, public string $taxState)
    {
    }

    public function getTotalPrice(): float
    {
        return round($this->unit * $this->quantity, 2);
    }

    public function overwrite(float $unitPrice, float $totalPrice, Taxes $taxes): void
    {
        $this->unit = $unitPrice;
    }

    public function getCalculatedTaxes(): Taxes
    {
        $total = $this->getTotalPrice();

        return new Taxes(match ($this->taxState) {
            'gross' => $total - $total / (1 + $this->rate / 100),
            'net' => $total * $this->rate / 100,
            default => 0.0,
        });
    }
}

final class QuantityInformation
{
    public function __construct(private int $min, private ?int $max, private int $steps)
    {
    }

    public function getMinPurchase(): int
    {
        return $this->min;
    }

    public function getMaxPurchase(): ?int
    {
        return $this->max;
    }

    public function getPurchaseSteps(): int
    {
        return $this->steps;
    }
}

/** What the shop works a line's price out from; an order keeps it. */
final class PriceDefinition
{
    /** @param list<string>|null $filter products that it is about, as rules of the shop */
    public function __construct(public string $type, private ?array $filter = null)
    {
    }

    public function getFilter(): ?array
    {
        return $this->filter;
    }
}

final class LineItem
{
    public ?CalculatedPrice $price = null;
    public ?float $ownUnit = null;
    public ?array $discount = null;
    public ?QuantityInformation $quantityInformation = null;
    public array $payload = [];
    public bool $removable = true;
    public ?string $label = null;
    public ?PriceDefinition $priceDefinition = null;

    public function __construct(
        public string $id,
        public string $type,
        public ?string $referencedId,
        public int $quantity,
        public bool $good = true,
    ) {
    }

    public function isGood(): bool
    {
        return $this->good;
    }

    public function setRemovable(bool $removable): self
    {
        $this->removable = $removable;

        return $this;
    }

    public function getPrice(): ?CalculatedPrice
    {
        return $this->price;
    }

    public function getQuantityInformation(): ?QuantityInformation
    {
        return $this->quantityInformation;
    }

    public function getPriceDefinition(): ?PriceDefinition
    {
        return $this->priceDefinition;
    }

    public function setPriceDefinition(?PriceDefinition $definition): self
    {
        $this->priceDefinition = $definition;

        return $this;
    }
}

final class PriceCollection
{
    /** @param array<string, float> $others by the id of a currency other than the shop's own */
    public function __construct(public float $gross, public float $net, public array $others = [])
    {
    }
}

final class PriceFactory
{
    public function create(array $price): PriceCollection
    {
        return new PriceCollection(
            $price['default']['gross'],
            $price['default']['net'],
            array_column(array_filter($price, static fn (array $one) => isset($one['currencyId'])), 'gross', 'currencyId'),
        );
    }
}

final class PriceFacade
{
    public function __construct(private LineItem $item)
    {
    }

    public function getTotal(): float
    {
        return $this->item->price->getTotalPrice();
    }

    public function getUnit(): float
    {
        return $this->item->price->unit;
    }

    public function change(PriceCollection $price): void
    {
        $this->overwrite($price->gross);
    }

    public function plus(PriceCollection $price): void
    {
        $this->overwrite($this->item->price->unit + abs($price->gross));
    }

    private function overwrite(float $unit): void
    {
        $this->item->ownUnit = $unit;
        $this->item->price->unit = $unit;
        $this->item->setPriceDefinition(new PriceDefinition('quantity'));
    }
}

final class ArrayFacade implements ArrayAccess, IteratorAggregate, Countable
{
    public function __construct(private array $items, private ?Closure $changed = null)
    {
    }

    public function set(string|int $key, mixed $value): void
    {
        $this->items[$key] = $value;
        ($this->changed)($this->items);
    }

    public function offsetExists(mixed $offset): bool
    {
        return array_key_exists($offset, $this->items);
    }

    public function offsetGet(mixed $offset): mixed
    {
        return $this->items[$offset];
    }

    public function offsetSet(mixed $offset, mixed $value): void
    {
        $this->set($offset, $value);
    }

    public function offsetUnset(mixed $offset): void
    {
        throw new LogicException('not used');
    }

    public function getIterator(): Generator
    {
        yield from $this->items;
    }

    public function count(): int
    {
        return count($this->items);
    }
}

final class ItemFacade
{
    public function __construct(private LineItem $item)
    {
    }

    public function getId(): string
    {
        return $this->item->id;
    }

    public function getType(): string
    {
        return $this->item->type;
    }

    public function getReferencedId(): ?string
    {
        return $this->item->referencedId;
    }

    public function getQuantity(): int
    {
        return $this->item->quantity;
    }

    public function getPrice(): ?PriceFacade
    {
        return $this->item->price === null ? null : new PriceFacade($this->item);
    }

    public function getPayload(): ArrayFacade
    {
        return new ArrayFacade($this->item->payload, function (array $payload): void {
            $this->item->payload = $payload;
        });
    }

    public function getItem(): LineItem
    {
        return $this->item;
    }

    public function take(int $quantity, ?string $key = null): ?self
    {
        if ($quantity >= $this->item->quantity) {
            return null;
        }
        $new = clone $this->item;
        $new->id = $key ?? bin2hex(random_bytes(16));
        $new->quantity = $quantity;
        $this->item->quantity -= $quantity;

        return new self($new);
    }
}

final class ItemsFacade implements IteratorAggregate
{
    public function __construct(private Cart $cart)
    {
    }

    public function get(string $id): ?ItemFacade
    {
        return isset($this->cart->lines[$id]) ? new ItemFacade($this->cart->lines[$id]) : null;
    }

    public function add(ItemFacade $item): ItemFacade
    {
        $id = $item->getId();
        if (isset($this->cart->lines[$id])) {
            $this->cart->lines[$id]->quantity += $item->getQuantity();
        } else {
            $this->cart->lines[$id] = $item->getItem();
        }

        return $this->get($id);
    }

    public function getIterator(): ArrayIterator
    {
        return new ArrayIterator(array_map(static fn (LineItem $line) => new ItemFacade($line), $this->cart->lines));
    }
}

final class ProductsFacade
{
    public function create(string $id, int $quantity = 1): ItemFacade
    {
        if (!preg_match('/^[0-9a-f]{32}$/D', $id)) {
            throw new InvalidArgumentException('Value is not a valid UUID: ' . $id);
        }

        return new ItemFacade(new LineItem($id, 'product', $id, $quantity));
    }
}

final class CartError
{
    public function __construct(private string $key, private string $about, private ?string $id = null)
    {
    }

    public function getId(): string
    {
        return $this->id ?? $this->key . $this->about;
    }

    public function getMessageKey(): string
    {
        return $this->key;
    }
}

final class ErrorsFacade implements IteratorAggregate
{
    public function __construct(private Cart $cart)
    {
    }

    public function remove(string $id): void
    {
        unset($this->cart->errors[$id]);
    }

    public function warning(string $key, ?string $id = null, array $parameters = []): void
    {
        $this->cart->errors[$id ?? $key] = new CartError($key, '', $id ?? $key);
    }

    public function notice(string $key, ?string $id = null, array $parameters = []): void
    {
        $this->warning($key, $id, $parameters);
    }

    public function getIterator(): Generator
    {
        yield from $this->cart->errors;
    }
}

final class StatesFacade
{
    public function __construct(private Cart $cart)
    {
    }

    public function add(string ...$states): void
    {
        $this->cart->states = array_values(array_unique([...$this->cart->states, ...$states]));
    }

    public function remove(string $state): void
    {
        $this->cart->states = array_values(array_diff($this->cart->states, [$state]));
    }

    /** One of them is enough. */
    public function has(string ...$states): bool
    {
        return array_intersect($states, $this->cart->states) !== [];
    }

    /** Keys of an array: what looks like a number is one. */
    public function get(): array
    {
        return array_keys(array_flip($this->cart->states));
    }
}

final class CartFacade
{
    public function __construct(private Cart $cart)
    {
    }

    public function items(): ItemsFacade
    {
        return new ItemsFacade($this->cart);
    }

    public function products(): ProductsFacade
    {
        return new ProductsFacade();
    }

    public function errors(): ErrorsFacade
    {
        return new ErrorsFacade($this->cart);
    }

    public function states(): ?StatesFacade
    {
        return $this->cart->hasStates ? new StatesFacade($this->cart) : null;
    }

    public function remove(string $id): void
    {
        unset($this->cart->lines[$id]);
    }

    public function discount(string $key, string $type, PriceCollection $value, string $label): void
    {
        if (isset($this->cart->lines[$key])) {
            throw new RuntimeException('There is a line of this name: ' . $key);
        }
        $line = new LineItem($key, 'discount', null, 1, false);
        $line->discount = ['value' => abs($value->gross), 'values' => $value->others, 'label' => $label];
        $this->cart->lines[$key] = $line;
    }
}

final class ConfigFacade
{
    public function __construct(private array $values)
    {
    }

    public function app(string $key): mixed
    {
        return $this->values[$key] ?? null;
    }
}

final class DeliveryPosition
{
    public function __construct(private string $identifier, private CalculatedPrice $price)
    {
    }

    public function getPrice(): CalculatedPrice
    {
        return $this->price;
    }

    public function getIdentifier(): string
    {
        return $this->identifier;
    }
}

final class DeliveryPositions implements IteratorAggregate
{
    /** @var array<string, DeliveryPosition> */
    private array $elements = [];

    public function __construct(array $lines)
    {
        foreach ($lines as $line) {
            $this->elements[$line->id] = new DeliveryPosition($line->id, clone $line->price);
        }
    }

    public function remove(string|int $key): void
    {
        unset($this->elements[$key]);
    }

    public function getIterator(): Traversable
    {
        yield from $this->elements;
    }
}

final class Delivery
{
    public function __construct(private DeliveryPositions $positions)
    {
    }

    public function getPositions(): DeliveryPositions
    {
        return $this->positions;
    }
}

/** What one calculation leaves to the next in a request: promotions as they are stored, and as they
 * were worked out (PromotionCollector). */
final class CartData
{
    private array $elements = [];

    public function set(string $key, mixed $value): void
    {
        $this->elements[$key] = $value;
    }

    public function get(string $key): mixed
    {
        return $this->elements[$key] ?? null;
    }
}

/** Codes as they were entered (Promotion\Cart\Extension\CartExtension). */
final class CartExtension
{
    public function __construct(private array $codes)
    {
    }

    public function getCodes(): array
    {
        return $this->codes;
    }

    public function removeCode(string $code): void
    {
        $this->codes = array_values(array_filter($this->codes, static fn (string $one) => $one !== $code));
    }
}

final class Cart
{
    public CartExtension $entered;
    /** @var array<string, LineItem> */
    public array $lines = [];
    /** @var array<string, CartError> */
    public array $errors = [];
    /** @var list<string> */
    public array $states = [];
    public bool $hasStates = true;
    public int $passes = 0;
    /** @var list<Delivery> Of whatever costs or takes off (promotions.json #14), before scripts run. */
    private array $deliveries = [];
    private CartData $data;

    public function __construct(private array $shop)
    {
        $this->data = new CartData();
        $this->entered = new CartExtension($shop['codes'] ?? []);
        $this->hasStates = $shop['hasStates'] ?? true;
        $this->states = $shop['states'] ?? [];
        foreach ($shop['lines'] as $given) {
            $line = new LineItem($given['id'], $given['type'], $given['product'] ?? null, $given['quantity']);
            $line->payload = $given['payload'] ?? [];
            $line->ownUnit = $given['ownUnit'] ?? null;
            $line->good = $given['good'] ?? true;
            $line->removable = $given['removable'] ?? true;
            $line->label = $given['label'] ?? null;
            $this->lines[$line->id] = $line;
        }
    }

    public function calculate(string $scripts): void
    {
        do {
            $before = $this->fingerprint();
            $this->processProducts();
            $this->processPromotions();
            $this->processDiscounts(INF);
            $priced = array_filter($this->lines, static fn (LineItem $line) => $line->price !== null);
            $this->deliveries = $priced === [] ? [] : [new Delivery(new DeliveryPositions($priced))];
            foreach (glob("$scripts/*.twig") as $script) { // in the order of their names
                twig($scripts)->render(basename($script), $this->seen());
                $this->recalculate();
            }
            ++$this->passes;
        } while ($this->passes < 2 || ($this->passes < 8 && $before !== $this->fingerprint()));
    }

    /** As DeliveryTransformer does, which looks each position up among the lines. */
    public function order(): void
    {
        foreach ($this->hasStates ? $this->deliveries : [] as $delivery) {
            foreach ($delivery->getPositions() as $position) {
                $line = $this->lines[$position->getIdentifier()] ?? throw new RuntimeException('A delivery without its line: ' . $position->getIdentifier());
                if ($line->type !== 'discount' && abs($line->price->getTotalPrice() - $position->getPrice()->getTotalPrice()) > 0.001) {
                    throw new RuntimeException('A delivery in which it costs something else: ' . $position->getIdentifier());
                }
            }
        }
    }

    private function seen(): array
    {
        return [
            'hook' => [
                'salesChannelContext' => $this->shop['context'],
                'cart' => [
                    'extensions' => ($this->shop['cart']['extensions'] ?? []) + ['cart-promotions' => $this->entered],
                    'deliveries' => $this->deliveries,
                    'data' => $this->data,
                ],
            ],
            'services' => [
                'cart' => new CartFacade($this),
                'config' => new ConfigFacade($this->shop['config']),
                'price' => new PriceFactory(),
            ],
        ];
    }

    private function processProducts(): void
    {
        foreach ($this->lines as $line) {
            if ($line->type === 'product') {
                $this->processProduct($line);
            } elseif ($line->type !== 'promotion' && $line->type !== 'discount') {
                $line->price = new CalculatedPrice($line->ownUnit ?? 0.0, $line->quantity, 19.0, $this->shop['context']['taxState']);
            }
        }
    }

    private function processProduct(LineItem $line): void
    {
        $product = $this->shop['products'][$line->referencedId] ?? null;
        if ($product === null) {
            $this->drop($line->id, 'product-not-found', $line->label ?? $line->id);

            return;
        }
        if (($product['max'] ?? 100) <= 0) {
            $this->drop($line->id, 'product-out-of-stock', $line->referencedId);

            return;
        }
        $min = $product['min'] ?? 1;
        if ($line->quantity < $min) {
            $line->quantity = $min;
            $this->complain('min-order-quantity', $line->referencedId);
        }
        if ($line->quantity > ($product['max'] ?? 100)) {
            $line->quantity = $product['max'];
            $this->complain('product-stock-reached', $line->referencedId);
        }
        $line->quantityInformation = new QuantityInformation($min, $product['max'] ?? 100, $product['steps'] ?? 1);
        $unit = ($this->shop['keepsPrices'] ?? false) && $line->ownUnit !== null ? $line->ownUnit : $product['price'];
        $line->price = new CalculatedPrice((float) $unit, $line->quantity, (float) $product['rate'], $this->shop['context']['taxState']);
    }

    private function processPromotions(): void
    {
        foreach ($this->shop['promotions'] ?? [] as $promotion) {
            $isNew[$promotion['id']] = !isset($this->lines[$promotion['id']]);
            unset($this->lines[$promotion['id']]);
        }
        foreach ($this->promotionsOf($this->lines) as $line) {
            $this->lines[$line->id] = $line;
            if ($isNew[$line->id]) {
                $this->complain('promotion-discount-added', '-' . $line->id);
            }
        }
    }

    /**
     * What the shop works out for lines that cost what they cost at this moment.
     *
     * @return list<LineItem>
     */
    private function promotionsOf(array $lines): array
    {
        $found = [];
        $products = array_filter($lines, static fn (LineItem $line) => $line->type === 'product' && $line->price !== null);
        $left = array_sum(array_map(static fn (LineItem $line) => $line->price->getTotalPrice(), $products));
        $worth = $left;
        if ($this->data->get('promotions-auto') === null) {
            $this->data->set('promotions-auto', array_map(static fn (array $one) => ['id' => $one['promotion'] ?? $one['id']] + $one + ['line' => $one['id']], $this->shop['promotions'] ?? []));
        }
        $known = array_column($this->data->get('promotions-auto'), 'line');
        foreach ($this->shop['promotions'] ?? [] as $promotion) {
            $code = isset($promotion['code']) ? $this->entered($promotion['code']) : '';
            if ($code === null || $code === '' && !in_array($promotion['id'], $known, true)) {
                continue;
            }
            if ($worth < ($promotion['from'] ?? 0) || $worth >= ($promotion['below'] ?? INF)) {
                continue;
            }
            $about = array_filter($products, static fn (LineItem $line) => in_array($line->referencedId, $promotion['products'] ?? [$line->referencedId], true));
            uasort($about, static fn (LineItem $one, LineItem $other) => $one->price->unit <=> $other->price->unit);
            $pieces = [];
            $most = $promotion['pieces'] ?? INF;
            foreach ($about as $line) {
                $pieces[$line->id] = (int) min($line->quantity, $most);
                $most -= $pieces[$line->id];
            }
            $total = array_sum(array_map(static fn (LineItem $line) => $line->price->unit * $pieces[$line->id], $about));
            if ($promotion['type'] !== 'percentage' && $about !== [] && $total == 0) {
                // DiscountFixedPriceCalculator divides by what the lines cost, and that of sums did.
                throw new DivisionByZeroError('Division by zero');
            }
            $off = match ($promotion['type']) {
                'absolute' => min($promotion['value'], $total),
                'fixed' => $total - $promotion['value'],
                default => min($total * $promotion['value'] / 100, $promotion['max'] ?? INF),
            };
            // Limited by what the basket costs, a discount tells nothing any more of what is taken off
            // which line: DiscountCompositionBuilder::adjustCompositionItemValues.
            $isLimited = round($off, 2) > round($left, 2);
            $off = $isLimited ? $left : $off;
            if (round($off, 2) <= 0) {
                continue;
            }
            $left -= round($off, 2);
            $line = new LineItem($promotion['id'], 'promotion', $code ?: $promotion['id'], 1, false);
            $line->priceDefinition = new PriceDefinition($promotion['type']);
            $line->price = new CalculatedPrice(round(-$off, 2), 1, 19.0, $this->shop['context']['taxState']);
            $line->payload = [
                'discountType' => $promotion['type'],
                'discountScope' => $promotion['scope'] ?? 'cart',
                'filter' => ['applierKey' => $promotion['applier'] ?? null, 'usageKey' => isset($promotion['pieces']) ? (string) $promotion['pieces'] : null, 'pickerKey' => null],
                'promotionId' => $promotion['promotion'] ?? $promotion['id'],
                'code' => $promotion['payloadCode'] ?? $code,
                'value' => (string) $promotion['value'],
                'maxValue' => (string) ($promotion['max'] ?? ''),
                'composition' => array_values(array_map(static fn (LineItem $one) => [
                    'id' => $one->id,
                    'quantity' => $pieces[$one->id],
                    'discount' => $isLimited ? 0.0 : $off * $one->price->unit * $pieces[$one->id] / $total,
                ], array_filter($about, static fn (LineItem $one) => $pieces[$one->id] > 0))),
            ];
            $found[] = $line;
        }

        return $found;
    }

    /** As the shopper typed it: the database compares without regard to case and to blanks behind. */
    private function entered(string $code): ?string
    {
        $same = array_filter($this->entered->getCodes(), static fn (string $one) => strtoupper(rtrim($one)) === strtoupper($code));

        return array_values($same)[0] ?? null;
    }

    /**
     * After each script, with what it changed: the whole basket once more (CartFacade::calculate).
     * Of that only stays what becomes of lines that are new, discounts that are refused, and the data.
     */
    private function recalculate(): void
    {
        foreach (array_filter($this->lines, static fn (LineItem $line) => $line->type === 'product' && $line->price === null) as $line) {
            $this->processProduct($line);
        }
        $promotions = $this->promotionsOf($this->lines);
        // Also those that do not hold, without a price.
        $held = array_column($promotions, null, 'id');
        $this->data->set('promotions', array_map(static fn (array $one) => $held[$one['id']] ?? self::withoutPrice($one), $this->shop['promotions'] ?? []));
        $others = array_filter($this->lines, static fn (LineItem $line) => !in_array($line->type, ['promotion', 'discount'], true) && $line->price !== null);
        $left = 0.0;
        foreach ([...array_values($others), ...$promotions] as $line) {
            $left += $line->price->getTotalPrice();
        }
        $this->processDiscounts($left);
    }

    private static function withoutPrice(array $promotion): LineItem
    {
        $line = new LineItem($promotion['id'], 'promotion', null, 1, false);
        $line->priceDefinition = new PriceDefinition($promotion['type'], $promotion['products'] ?? null);
        $line->payload = [
            'discountType' => $promotion['type'],
            'discountScope' => $promotion['scope'] ?? 'cart',
            'filter' => ['applierKey' => null, 'usageKey' => isset($promotion['pieces']) ? (string) $promotion['pieces'] : null],
        ];

        return $line;
    }

    /** One that is more than what is left vanishes: DiscountCartProcessor::validate. */
    private function processDiscounts(float $left): void
    {
        foreach ($this->lines as $id => $line) {
            if ($line->type !== 'discount' || $line->discount === null) {
                continue;
            }
            // CurrencyPriceCalculator: what is told in this currency is not converted.
            $currency = $this->shop['context']['currency'];
            $off = round($line->discount['values'][$currency['id']] ?? $line->discount['value'] * $currency['factor'], 2);
            if ($off > $left + 0.000001) {
                unset($this->lines[$id]);
                continue;
            }
            $line->price = new CalculatedPrice(-$off, 1, 19.0, $this->shop['context']['taxState']);
        }
    }

    private function drop(string $id, string $key, string $about): void
    {
        unset($this->lines[$id]);
        $this->complain($key, $about);
    }

    private function complain(string $key, string $about): void
    {
        $error = new CartError($key, $about);
        $this->errors[$error->getId()] = $error;
    }

    private function fingerprint(): string
    {
        return json_encode($this->told());
    }

    public function told(): array
    {
        return array_values(array_map(static fn (LineItem $line) => [
            'id' => $line->id,
            'type' => $line->type,
            'product' => $line->referencedId,
            'quantity' => $line->quantity,
            'total' => $line->price === null ? null : round($line->price->getTotalPrice(), 2),
            'removable' => $line->removable,
            'label' => $line->discount['label'] ?? null,
            'told' => $line->discount['values'] ?? null,
            'gift' => $line->payload['loyaltyBridgeGift'] ?? null,
            'meant' => $line->priceDefinition?->type,
            'code' => $line->payload['code'] ?? null,
        ], $this->lines));
    }
}

// -- script endpoints -----------------------------------------------------------------------------

final class ScriptCache
{
    public bool $enabled = true;

    public function disable(): self
    {
        $this->enabled = false;

        return $this;
    }
}

final class ScriptResponse
{
    public ScriptCache $cache;

    public function __construct(public mixed $body, public ?string $route = null)
    {
        $this->cache = new ScriptCache();
    }

    public function getCache(): ScriptCache
    {
        return $this->cache;
    }
}

final class ResponseFacade
{
    public function json(array $data, int $code = 200): ScriptResponse
    {
        return new ScriptResponse($data);
    }

    public function redirect(string $route, array $parameters, int $code = 302): ScriptResponse
    {
        return new ScriptResponse(null, $route);
    }
}

final class StorefrontHook
{
    public ?ScriptResponse $response = null;

    public function __construct(private array $context)
    {
    }

    public function getSalesChannelContext(): array
    {
        return $this->context;
    }

    public function setResponse(ScriptResponse $response): void
    {
        $this->response = $response;
    }
}

// -- what can be asked ------------------------------------------------------------------------------

function cart(array $asked): array
{
    $cart = new Cart($asked['shop']);
    $started = hrtime(true);
    $cart->calculate($asked['folder']);
    $milliseconds = (hrtime(true) - $started) / 1e6;
    $cart->order();

    return [
        'lines' => $cart->told(),
        'errors' => array_keys($cart->errors),
        'states' => $cart->states,
        'codes' => $cart->entered->getCodes(),
        'says' => array_values(array_map(static fn (CartError $one) => $one->getMessageKey(), $cart->errors)),
        'passes' => $cart->passes,
        'milliseconds' => $milliseconds,
    ];
}

function condition(array $asked): bool
{
    $context = ['scope' => $asked['scope']] + $asked['values'];
    $names = implode(', ', array_keys($context));
    $text = file_get_contents($asked['folder'] . '/' . $asked['name']);
    $loader = new Twig\Loader\ArrayLoader(['condition' => "{% macro evaluate($names) %}$text{% endmacro %}{% set var = _self.evaluate($names) %}{{ var }}"]);
    $environment = new Twig\Environment($loader);
    $environment->addExtension(new ShopExtension());

    return filter_var(trim($environment->render('condition', $context)), FILTER_VALIDATE_BOOLEAN);
}

function endpoint(array $asked): array
{
    $hook = new StorefrontHook($asked['context']);
    twig($asked['folder'])->render($asked['name'], [
        'hook' => $hook,
        'services' => ['response' => new ResponseFacade(), 'config' => new ConfigFacade($asked['config'] ?? [])],
    ]);

    return [
        'body' => $hook->response->body,
        'route' => $hook->response->route,
        'isKept' => $hook->response->cache->enabled,
    ];
}

/** The shop's own template is ``parent``; texts are their keys, so that a lacking one shows. */
function template(array $asked): string
{
    $text = file_get_contents($asked['folder'] . '/' . $asked['name']);
    $loader = new Twig\Loader\ArrayLoader([
        'parent' => $asked['parent'],
        'own' => preg_replace('/\{% sw_extends .*? %\}/', "{% extends 'parent' %}", $text),
    ]);
    $environment = new Twig\Environment($loader, ['strict_variables' => true]);
    $environment->addFilter(new Twig\TwigFilter('trans', static fn (string $key): string => $key));
    $environment->addFilter(new Twig\TwigFilter('currency', static fn (float $price): string => number_format($price, 2) . ' EUR'));
    $environment->addFunction(new Twig\TwigFunction('path', static fn (string $route): string => '/' . $route));
    $environment->addFunction(new Twig\TwigFunction('asset', static function (string $path, string $package): string {
        // Anything else is a 500 of every page.
        return $package === 'asset' ? '/' . $path : throw new LogicException('asset: ' . $package);
    }));

    return $environment->render('own', $asked['values']);
}

while (($line = fgets(STDIN)) !== false) {
    $asked = json_decode($line, true);
    try {
        $answer = ['is' => match ($asked['kind']) {
            'cart' => cart($asked),
            'condition' => condition($asked),
            'endpoint' => endpoint($asked),
            'template' => template($asked),
        }];
    } catch (Throwable $error) {
        $answer = ['thrown' => get_class($error) . ': ' . $error->getMessage()];
    }
    echo json_encode($answer), "\n";
}
