<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Clock;
use LoyaltyBridge\Loyalty\Model\Event\Process;
use LoyaltyBridge\Loyalty\Model\Event\Transport;
use LoyaltyBridge\Loyalty\Model\Settings;
use Magento\Framework\App\Config\ReinitableConfigInterface;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\Config\Storage\WriterInterface;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\Encryption\EncryptorInterface;
use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Store\Api\WebsiteRepositoryInterface;
use Psr\Log\LoggerInterface;

/**
 * The module in a small shop: makes each of its classes once, with what its constructor asks for, as Magento's
 * object manager does. Customers 1, 2 and 17 are there, and website 1.
 */
class Shop
{
    public Tables $tables;
    public FakeConfig $config;
    public int $now = 1_700_000_000;
    /** @var array[] what was posted: address, headers, body */
    public array $posted = [];
    /** @var array<int|\Throwable> what the bridge answers, one after the other; then 202 */
    public array $answers = [];
    public bool $canAnswerEarly = false;
    /** @var callable[] */
    public array $atEnd = [];
    /** @var string[] */
    public array $logged = [];
    /** @var array<string, object> */
    private array $made = [];

    public function __construct()
    {
        $this->tables = new Tables();
        $this->tables->keys['customer_entity'] = 'entity_id';
        $this->tables->rows['customer_entity'] = [['entity_id' => 1], ['entity_id' => 2], ['entity_id' => 17]];
        $this->config = new FakeConfig();
        $this->put(ResourceConnection::class, new ResourceConnection($this->tables));
        $names = [ScopeConfigInterface::class, ReinitableConfigInterface::class, WriterInterface::class,
            EncryptorInterface::class];
        foreach ($names as $name) {
            $this->put($name, $this->config);
        }
        $this->put(LoggerInterface::class, $this->logger());
        $this->put(Clock::class, $this->clock());
        $this->put(Transport::class, $this->transport());
        $this->put(Process::class, $this->process());
        $this->put(WebsiteRepositoryInterface::class, $this->websites());
    }

    /** Told where the bridge is. */
    public static function told(): self
    {
        $shop = new self();
        $shop->config->stored = [
            Settings::EVENTS_URL => 'https://bridge.example/hooks/abc',
            Settings::EVENTS_SECRET => $shop->config->encrypt('event-secret'),
            Settings::MEMBER_URL => 'https://bridge.example/m/acme/from/tok',
            Settings::LINK_SECRET => $shop->config->encrypt('link-secret'),
        ] + $shop->config->stored;
        $shop->config->reinit();
        return $shop;
    }

    public function put(string $name, object $object): void
    {
        $this->made[$name] = $object;
    }

    public function get(string $name): object
    {
        $name = ltrim($name, '\\');
        if (!isset($this->made[$name])) {
            $class = new \ReflectionClass(preferenceOf($name));
            $arguments = array_map(
                fn (\ReflectionParameter $parameter) => $this->get($parameter->getType()->getName()),
                $class->getConstructor()?->getParameters() ?? []
            );
            $this->made[$name] = $class->newInstanceArgs($arguments);
        }
        return $this->made[$name];
    }

    /** Ends the request, as PHP does. */
    public function end(): void
    {
        while ($what = array_shift($this->atEnd)) {
            $what();
        }
    }

    /** @return array[] */
    public function waiting(): array
    {
        return $this->tables->rows['loyalty_bridge_event'] ?? [];
    }

    private function logger(): LoggerInterface
    {
        return new class ($this) implements LoggerInterface {
            public function __construct(private readonly Shop $shop)
            {
            }

            public function error($message, array $context = [])
            {
                $this->shop->logged[] = $message;
            }
        };
    }

    private function clock(): Clock
    {
        return new class ($this) extends Clock {
            public function __construct(private readonly Shop $shop)
            {
            }

            public function now(): int
            {
                return $this->shop->now;
            }

            public function ticks(): float
            {
                return (float)$this->shop->now;
            }
        };
    }

    private function transport(): Transport
    {
        return new class ($this) extends Transport {
            public function __construct(private readonly Shop $shop)
            {
            }

            public function post(string $url, array $headers, string $body, int $seconds = 10): int
            {
                $this->shop->posted[] = [$url, $headers, $body];
                $answer = array_shift($this->shop->answers) ?? 202;
                if ($answer instanceof \Throwable) {
                    throw $answer;
                }
                return $answer;
            }
        };
    }

    private function process(): Process
    {
        return new class ($this) extends Process {
            public function __construct(private readonly Shop $shop)
            {
            }

            public function canAnswerEarly(): bool
            {
                return $this->shop->canAnswerEarly;
            }

            public function answer(): void
            {
            }

            public function atEnd(callable $what): void
            {
                $this->shop->atEnd[] = $what;
            }
        };
    }

    private function websites(): WebsiteRepositoryInterface
    {
        return new class implements WebsiteRepositoryInterface {
            public function getById($id)
            {
                if ((int)$id !== 1) {
                    throw new NoSuchEntityException();
                }
                return new \stdClass();
            }
        };
    }
}
