<?php

declare(strict_types=1);

/*
 * What the Magento module's plugin adds to the collecting of totals, over a cart of five lines in the
 * tests' small shop (tests/connectors/magento/module/unit/Checkout.php). Prints JSON: median
 * milliseconds by case. Each call is a request of its own: rules are read anew. No database is asked,
 * and what the shop itself does is next to nothing: the difference to the bare collecting counts.
 */

require __DIR__ . '/../connectors/magento/module/bootstrap.php';

use LoyaltyBridge\Loyalty\Test\Checkout;
use Magento\Quote\Model\Quote\TotalsCollector;

function filled(int $rules): array
{
    $shop = new Checkout();
    for ($number = 1; $number <= 5; $number++) {
        $shop->product("LINE-$number", 100 + $number, 40.0);
    }
    for ($number = 1; $number <= $rules; $number++) {
        $away = $number === 1 ? [] : ['sku' => "NONE-$number", 'amount' => '9999.0000', 'groups' => ['1', '2']];
        $shop->rule(['key' => "gift-$number"] + $away);
    }
    $cart = $shop->cart();
    for ($number = 1; $number <= 5; $number++) {
        $shop->put($cart, "LINE-$number");
    }
    if (($rules > 0) !== ($shop->gift($cart) !== null)) {
        throw new LogicException('the gift is not where it belongs');
    }
    return [$shop, $cart];
}

function median(callable $work, int $rounds, ?callable $before = null): float
{
    $times = [];
    for ($round = 0; $round < $rounds + 50; $round++) {
        $given = $before === null ? null : $before();
        $began = hrtime(true);
        $work($given);
        $times[] = (hrtime(true) - $began) / 1e6;
    }
    $times = array_slice($times, 50);
    sort($times);
    return $times[intdiv(count($times), 2)];
}

$rounds = (int)($argv[1] ?? 500);
$collector = new TotalsCollector();
$found = [];
foreach (['no rules' => 0, 'one gift, in the cart already' => 1, '50 rules, one gift' => 50] as $name => $rules) {
    [$shop, $cart] = filled($rules);
    $found[$name] = [
        'bare' => median(static fn () => $shop->collect($cart), $rounds),
        'plugin' => median(
            static fn () => $shop->plugin->aroundCollect($collector, [$shop, 'collect'], $cart),
            $rounds,
            static fn () => $shop->forget()
        ),
    ];
}
$emptied = static function (): array {
    [$shop, $cart] = filled(0);
    $shop->rule();
    $shop->forget();
    return [$shop, $cart];
};
$found['one gift, put in'] = [
    'bare' => median(static fn ($made) => $made[0]->collect($made[1]), $rounds, $emptied),
    'plugin' => median(
        static fn ($made) => $made[0]->plugin->aroundCollect($collector, [$made[0], 'collect'], $made[1]),
        $rounds,
        $emptied
    ),
];
echo json_encode($found);
