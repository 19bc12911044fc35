<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Test;

use LoyaltyBridge\Loyalty\Model\Clock;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\Voucher\Buyers;
use LoyaltyBridge\Loyalty\Model\Voucher\Claims;
use LoyaltyBridge\Loyalty\Model\Voucher\Guard;
use LoyaltyBridge\Loyalty\Model\Voucher\Lost;
use LoyaltyBridge\Loyalty\Model\Voucher\Owner;
use LoyaltyBridge\Loyalty\Model\Voucher\OwnerStorage;
use LoyaltyBridge\Loyalty\Observer\Voucher\ReleaseOnCancel;
use LoyaltyBridge\Loyalty\Plugin\Quote\NoteLostVoucher;
use LoyaltyBridge\Loyalty\Plugin\Sales\ClaimVouchers;
use LoyaltyBridge\Loyalty\Plugin\SalesRule\OnlyItsOwner;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DataObject;
use Magento\Framework\Encryption\EncryptorInterface;
use Magento\Framework\Event\Observer;
use Magento\Framework\Exception\LocalizedException;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Address\Total;
use Magento\Quote\Model\Quote\TotalsCollector;
use Magento\Sales\Api\Data\OrderInterface;
use Magento\Sales\Api\OrderManagementInterface;
use Magento\SalesRule\Model\Rule;
use Magento\SalesRule\Model\Utility;
use PHPUnit\Framework\TestCase;
use Psr\Log\LoggerInterface;

/**
 * Coupons, orders and the module's part in them, over a table that folds accents and capitals as
 * MySQL's collations do.
 */
abstract class Till extends TestCase
{
    protected const CODE = 'LB-7Q2MX-0RW4T';

    protected Tables $tables;
    protected Clock $clock;
    protected OwnerStorage $owners;
    protected bool $isOn = true;
    /** @var string[] */
    protected array $logged = [];
    private OnlyItsOwner $plugin;
    private \Closure $claims;
    private ?ClaimVouchers $request = null;
    private NoteLostVoucher $note;
    private ReleaseOnCancel $release;

    protected function setUp(): void
    {
        $this->tables = new class extends Tables {
            public bool $isBroken = false;
            public bool $isLocked = false;
            public ?\Exception $lost = null;
            /** @var string[] tables whose collation folds */
            public array $folds = ['salesrule_coupon', 'loyalty_bridge_voucher'];

            public function fetchAll($sql, $bind = [], $fetchMode = null)
            {
                if ($this->isBroken) {
                    throw new \RuntimeException('no such table');
                }
                foreach ($sql->conditions as $at => [$condition, $value]) {
                    if (in_array($sql->table, $this->folds, true) && str_starts_with($condition, 'code ')) {
                        $sql->conditions[$at][1] = $this->folded($value);
                    }
                }
                return parent::fetchAll($sql);
            }

            public function update($table, array $bind, $where = '')
            {
                if ($this->isLocked) {
                    throw new \RuntimeException('Lock wait timeout exceeded');
                }
                if ($this->lost) {
                    throw $this->lost;
                }
                return parent::update($table, $bind, $where);
            }

            private function folded($value)
            {
                return str_replace(['Ĺ', 'ĺ', 'l', 'b'], ['L', 'L', 'L', 'B'], $value);
            }
        };
        $this->clock = new class extends Clock {
            public int $now = 1795000000;

            public function now(): int
            {
                return $this->now;
            }

            public function ticks(): float
            {
                return (float)($this->now += 2);
            }
        };
        $resource = new ResourceConnection($this->tables);
        $this->owners = new OwnerStorage($resource, $this->clock);
        $logger = $this->createStub(LoggerInterface::class);
        $logger->method('error')->willReturnCallback(function ($said): void {
            $this->logged[] = $said;
        });
        $log = new Log($logger);
        $config = $this->createStub(ScopeConfigInterface::class);
        $config->method('isSetFlag')->willReturnCallback(fn () => $this->isOn);
        $settings = new Settings($config, $this->createStub(EncryptorInterface::class));
        $claims = new Claims($resource, $this->clock);
        $lost = new Lost($this->clock);
        // Each request has a guard of its own.
        $guard = fn (): Guard => new Guard($settings, $this->owners, $claims, $this->clock, $log);
        $this->plugin = new OnlyItsOwner($guard(), new Buyers(), $log);
        $this->note = new NoteLostVoucher($guard(), $lost, $log);
        $this->claims = static fn (): ClaimVouchers => new ClaimVouchers($guard(), new Buyers(), $lost, $log);
        $this->release = new ReleaseOnCancel($guard(), $log);
        $this->tables->rows['salesrule_coupon'] = [['code' => self::CODE], ['code' => 'MERCHANT']];
    }

    protected function owned(array $customerIds, string $email = ''): void
    {
        $this->owners->save([new Owner(self::CODE, $customerIds, $email)]);
    }

    /** Whether the rule applies: the shop itself said yes. */
    protected function applies(array $quote, string $code = self::CODE, array $rule = []): bool
    {
        $quote = new Quote($quote + ['coupon_code' => $code, 'entity_id' => 5]);
        $quote->getBillingAddress()->setData('email', $quote->getData('billing_email'));
        $rule = new Rule($rule + ['coupon_type' => Rule::COUPON_TYPE_AUTO, 'code' => self::CODE]);
        return $this->plugin->afterCanProcessRule(new Utility(), true, $rule, $quote->getShippingAddress());
    }

    /** As the shop: a code without a rule that applies is taken out while totals are collected. */
    protected function collect(int $quoteId, array $quote, string $code = self::CODE, bool $isValid = true): Quote
    {
        $quote = new Quote($quote + ['coupon_code' => $code, 'entity_id' => $quoteId]);
        $shop = function (Quote $one) use ($quote, $isValid): Total {
            if (!$isValid || !$this->applies($quote->getData(), (string)$one->getCouponCode())) {
                $one->setCouponCode('');
            }
            return new Total();
        };
        $this->note->aroundCollect(new TotalsCollector(), $shop, $quote);
        return $quote;
    }

    /**
     * @param callable|null $meanwhile what happens before the order is there; what it raises is the payment's
     * @return string the shop's answer: empty, or why not
     */
    protected function place(
        int $quoteId,
        string $increment,
        array $order = [],
        string $code = self::CODE,
        ?callable $meanwhile = null
    ): string {
        $order = $this->order(['quote_id' => $quoteId, 'increment_id' => $increment, 'coupon_code' => $code] + $order);
        $subject = $this->createStub(OrderManagementInterface::class);
        $shop = function (OrderInterface $one) use ($quoteId, $meanwhile): OrderInterface {
            $meanwhile && $meanwhile();
            $this->tables->rows['sales_order'][] = ['entity_id' => $quoteId * 10, 'state' => 'new'] + $one->getData();
            return $one;
        };
        try {
            $this->assertSame($order, ($this->request ?? ($this->claims)())->aroundPlace($subject, $shop, $order));
        } catch (LocalizedException $refusal) {
            return $refusal->getMessage();
        }
        return '';
    }

    /** Several orders that the shop places in one request. */
    protected function inOneRequest(callable $orders): void
    {
        $this->request = ($this->claims)();
        $orders();
        $this->request = null;
    }

    protected function cancel(string $increment): void
    {
        foreach ($this->tables->rows['sales_order'] as $at => $row) {
            if ($row['increment_id'] === $increment) {
                $this->tables->rows['sales_order'][$at]['state'] = 'canceled';
                $this->save($this->tables->rows['sales_order'][$at]);
            }
        }
    }

    protected function save(array $order): void
    {
        $this->release->execute(new Observer(['order' => $this->order($order)]));
    }

    private function order(array $data): OrderInterface
    {
        $order = new class ($data) extends DataObject implements OrderInterface {
            public function getOrigData($key = null)
            {
                return $this->getData('orig_' . $key);
            }
        };
        return $order->setData('billing_address', new DataObject(['email' => $data['billing_email'] ?? null]));
    }
}
