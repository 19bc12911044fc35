<?php

/**
 * Prints what the module sends, for the bridge's own verifiers to judge: an event of now, and a link.
 */

declare(strict_types=1);

use LoyaltyBridge\Loyalty\Cron\SendEvents;
use LoyaltyBridge\Loyalty\Model\Event\Outbox;
use LoyaltyBridge\Loyalty\Model\MemberLink;
use LoyaltyBridge\Loyalty\Test\Shop;

// phpcs:disable PSR1.Files.SideEffects

require __DIR__ . '/bootstrap.php';

$shop = Shop::told();
$shop->now = (int)$argv[1];
$shop->get(Outbox::class)->put('sales_order_save_after', 'order', '17');
$shop->get(SendEvents::class)->execute();
[, $headers, $body] = $shop->posted[0];
echo json_encode([
    'headers' => $headers,
    'body' => $body,
    'link' => $shop->get(MemberLink::class)->of(17, 'redeem'),
]);
