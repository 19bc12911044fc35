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
    'REDIR_PROTOCOLS' => 182, 'NOSIGNAL' => 99, 'HTTP_VERSION' => 84] as $option => $number) {
    defined('CURLOPT_' . $option) || define('CURLOPT_' . $option, $number);
}
if (!class_exists(\Zend_Db_Expr::class)) {
    /**
     * As in Zend_Db.
     */
    class Zend_Db_Expr
    {
        public function __construct(private $expression)
        {
        }

        public function __toString()
        {
            return $this->expression;
        }
    }
}
defined('CURL_HTTP_VERSION_1_1') || define('CURL_HTTP_VERSION_1_1', 2);
defined('CURLPROTO_HTTP') || define('CURLPROTO_HTTP', 1);
defined('CURLPROTO_HTTPS') || define('CURLPROTO_HTTPS', 2);

/**
 * What an interface stands for in the module's di.xml.
 */
function preferenceOf(string $interface): string
{
    static $preferences = null;
    if ($preferences === null) {
        foreach (simplexml_load_file(LOYALTY_BRIDGE_MODULE . '/etc/di.xml')->preference as $preference) {
            $preferences[(string)$preference['for']] = (string)$preference['type'];
        }
    }
    return $preferences[$interface] ?? $interface;
}

/**
 * A factory as Magento generates it.
 */
function makeFactory(string $class): void
{
    $made = preferenceOf(substr($class, 0, -strlen('Factory')));
    $parts = explode('\\', $class);
    $name = array_pop($parts);
    eval(sprintf(
        'namespace %s; class %s { public function create(array $data = []) { return new \\%s(...$data); } }',
        implode('\\', $parts),
        $name,
        $made
    ));
}

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
            } elseif (str_ends_with($class, 'InterfaceFactory') && str_starts_with($class, 'LoyaltyBridge')) {
                makeFactory($class);
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
