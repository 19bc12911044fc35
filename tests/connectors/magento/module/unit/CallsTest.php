<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use PHPUnit\Framework\TestCase;

/**
 * What fails silently. Everything of the module catches what fails and lets the shop go on: a call of a
 * method that is not there would only ever be seen as something that is missing on a page. And PHPUnit
 * passes over a file whose class is no test.
 */
class CallsTest extends TestCase
{
    public function testEveryMethodOfItsOwnThatTheModuleCallsIsThere(): void
    {
        $calls = 0;
        $missing = [];
        foreach ($this->sources() as $file => $code) {
            foreach ($this->calls($code) as [$class, $method]) {
                $calls++;
                if (!method_exists($class, $method)) {
                    $missing[] = "$file: $class::$method()";
                }
            }
        }
        $this->assertGreaterThan(150, $calls);
        $this->assertSame([], $missing);
    }

    public function testEveryTestIsRun(): void
    {
        $files = glob(__DIR__ . '/*Test.php');
        $this->assertNotSame([], $files);
        foreach ($files as $file) {
            $this->assertTrue(is_subclass_of(__NAMESPACE__ . '\\' . basename($file, '.php'), TestCase::class), $file);
        }
    }

    /**
     * @return iterable<string, string>
     */
    private function sources(): iterable
    {
        $files = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(LOYALTY_BRIDGE_MODULE));
        foreach ($files as $file) {
            if (in_array($file->getExtension(), ['php', 'phtml'], true)) {
                yield $files->getSubPathname() => file_get_contents((string)$file);
            }
        }
    }

    /**
     * Calls of objects whose class the code names: kept, or taken as a parameter.
     *
     * @return iterable<array{string, string}>
     */
    private function calls(string $code): iterable
    {
        if (str_contains($code, "\nclass ")) {
            $code = preg_replace('#^ *\* @param .*#m', '', $code); // of a template @var is all there is
        }
        preg_match_all('/((?:private|readonly) )?(\??[\\\\\w]+) \$(\w+)/', $code, $typed, PREG_SET_ORDER);
        foreach ($typed as [, $kept, $type, $name]) {
            $class = $this->named(ltrim($type, '?'), $code);
            if ($class === null) {
                continue;
            }
            preg_match_all('/\$' . ($kept === '' ? '' : 'this->') . $name . '\??->(\w+)\(/', $code, $called);
            foreach (array_unique($called[1]) as $method) {
                yield [$class, $method];
            }
        }
    }

    private function named(string $type, string $code): ?string
    {
        preg_match('/^namespace (.+);/m', $code, $namespace);
        $used = preg_match('/^use (\S+\\\\' . preg_quote($type, '/') . ');/m', $code, $import);
        $class = $used ? $import[1] : ltrim($type[0] === '\\' ? $type : ($namespace[1] ?? '') . '\\' . $type, '\\');
        $isOurs = str_starts_with($class, 'LoyaltyBridge\\');
        return $isOurs && !str_ends_with($class, 'Factory') && $this->isThere($class) ? $class : null;
    }

    private function isThere(string $class): bool
    {
        $file = LOYALTY_BRIDGE_MODULE . strtr(substr($class, strlen('LoyaltyBridge\\Loyalty')), '\\', '/') . '.php';
        // a block's parent is Magento's, and may have no stub
        return !str_contains($class, '\\Block\\') && is_file($file);
    }
}
