<?php

/**
 * Finds the module's classes, the tests' own, and stubs where there is no Magento.
 *
 * A stub lies below stubs/ at the path of its class. It has the names and parameters of Magento's
 * source, and behaves only as far as a test needs.
 */

declare(strict_types=1);

// phpcs:disable PSR1.Files.SideEffects, Squiz.Functions.GlobalFunction

const LOYALTY_BRIDGE_MODULE = __DIR__ . '/../../../../connectors/magento/module';

foreach (['PROTOCOLS' => 181, 'CONNECTTIMEOUT' => 78, 'FOLLOWLOCATION' => 52, 'WRITEFUNCTION' => 20011,
    'REDIR_PROTOCOLS' => 182, 'NOSIGNAL' => 99] as $option => $number) {
    defined('CURLOPT_' . $option) || define('CURLOPT_' . $option, $number);
}
defined('CURLPROTO_HTTP') || define('CURLPROTO_HTTP', 1);
defined('CURLPROTO_HTTPS') || define('CURLPROTO_HTTPS', 2);

spl_autoload_register(static function (string $class): void {
    $places = [
        'LoyaltyBridge\\Loyalty\\Test\\' => __DIR__ . '/unit/',
        'LoyaltyBridge\\Loyalty\\' => LOYALTY_BRIDGE_MODULE . '/',
        'Magento\\' => __DIR__ . '/stubs/Magento/',
        'Psr\\' => __DIR__ . '/stubs/Psr/',
        'Laminas\\' => __DIR__ . '/stubs/Laminas/',
    ];
    foreach ($places as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $file = $folder . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
            if (is_file($file)) {
                require $file;
            }
            return;
        }
    }
});

if (!function_exists('__')) {
    /**
     * As Magento's app/functions.php.
     */
    function __(...$argc)
    {
        $text = array_shift($argc);
        $arguments = isset($argc[0]) && is_array($argc[0]) ? $argc[0] : $argc;
        return new \Magento\Framework\Phrase($text, $arguments);
    }
}
