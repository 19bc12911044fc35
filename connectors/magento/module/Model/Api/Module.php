<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api;

use LoyaltyBridge\Loyalty\Api\Data\ModuleStateInterface;
use LoyaltyBridge\Loyalty\Api\Data\ModuleStateInterfaceFactory;
use LoyaltyBridge\Loyalty\Api\Data\SettingsInterface;
use LoyaltyBridge\Loyalty\Api\ModuleInterface;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;
use LoyaltyBridge\Loyalty\Model\Event\EventStorage;
use LoyaltyBridge\Loyalty\Model\Event\Greeting;
use LoyaltyBridge\Loyalty\Model\Gift\OpenCarts;
use LoyaltyBridge\Loyalty\Model\Gift\RuleStorage;
use LoyaltyBridge\Loyalty\Model\Settings;
use LoyaltyBridge\Loyalty\Model\SettingsWriter;
use LoyaltyBridge\Loyalty\Model\ToldStorage;
use LoyaltyBridge\Loyalty\Model\Version;
use LoyaltyBridge\Loyalty\Model\Voucher\OwnerStorage;
use Magento\Framework\Exception\InputException;
use Magento\Framework\Exception\LocalizedException;

/**
 * The module itself: what it is, and what the bridge tells it.
 */
class Module implements ModuleInterface
{
    private const LONGEST_URL = 2000;
    private const LONGEST_TEXT = 255;
    private const NONCE = '/^[A-Za-z0-9_-]{8,40}$/D';

    /**
     * @param Settings $settings
     * @param SettingsWriter $writer
     * @param EventStorage $events
     * @param BalanceStorage $balances
     * @param RuleStorage $rules
     * @param OwnerStorage $owners
     * @param Greeting $greeting
     * @param ModuleStateInterfaceFactory $stateFactory
     * @param OpenCarts $carts
     * @param ToldStorage $told
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly SettingsWriter $writer,
        private readonly EventStorage $events,
        private readonly BalanceStorage $balances,
        private readonly RuleStorage $rules,
        private readonly OwnerStorage $owners,
        private readonly Greeting $greeting,
        private readonly ModuleStateInterfaceFactory $stateFactory,
        private readonly OpenCarts $carts,
        private readonly ToldStorage $told
    ) {
    }

    /**
     * @inheritdoc
     */
    public function getState(): ModuleStateInterface
    {
        [$waiting, $oldest] = $this->events->waiting();
        $state = $this->stateFactory->create();
        $state->setVersion(Version::NUMBER);
        $state->setApi(Version::API);
        $state->setIsActive($this->settings->isActive());
        $state->setTold($this->told->read());
        $state->setWaiting($waiting);
        $state->setOldestWaiting($oldest);
        return $state;
    }

    /**
     * @inheritdoc
     */
    public function tell(SettingsInterface $settings): ModuleStateInterface
    {
        $name = $this->text('told', $settings->getTold());
        $values = array_filter([
            Settings::EVENTS_URL => $this->url('events_url', $settings->getEventsUrl()),
            Settings::EVENTS_SECRET => $this->text('events_secret', $settings->getEventsSecret()),
            Settings::MEMBER_URL => $this->url('member_url', $settings->getMemberUrl()),
            Settings::LINK_SECRET => $this->text('link_secret', $settings->getLinkSecret()),
            Settings::POINTS_LABEL => $this->text('points_label', $settings->getPointsLabel()),
        ], static fn (?string $value): bool => $value !== null);
        $this->writer->write($values);
        if ($name !== null) {
            $this->told->write($name); // last: it says that the rest is there
        }
        return $this->getState();
    }

    /**
     * @inheritdoc
     */
    public function forget(): bool
    {
        $this->told->clear(); // first: what is half forgotten is told anew
        $this->writer->forget();
        $this->rules->clear();
        $this->owners->clear();
        $this->balances->clear();
        $this->events->clear();
        $this->carts->clear();
        return true;
    }

    /**
     * @inheritdoc
     */
    public function hello(string $nonce): bool
    {
        if (!preg_match(self::NONCE, $nonce)) {
            throw new InputException(__('A nonce has 8 to 40 letters, digits, "-" and "_".'));
        }
        if (!$this->greeting->send($nonce)) {
            throw new LocalizedException(
                __('Nothing can be sent: the module is switched off, or was told no address or no secret.')
            );
        }
        return true;
    }

    /**
     * An address, or none.
     *
     * @param string $name
     * @param string|null $value
     * @return string|null
     * @throws InputException
     */
    private function url(string $name, ?string $value): ?string
    {
        if ($value === null || $value === '') {
            return $value;
        }
        $isUrl = strlen($value) <= self::LONGEST_URL
            && preg_match('~^https?://[^/?#\s@]+(/[^?#\s]*)?$~Di', $value)
            && filter_var($value, FILTER_VALIDATE_URL) !== false;
        if (!$isUrl) {
            throw new InputException(__('%1 must be a whole http or https address without a query.', $name));
        }
        return $value;
    }

    /**
     * A text that is not too long.
     *
     * @param string $name
     * @param string|null $value
     * @return string|null
     * @throws InputException
     */
    private function text(string $name, ?string $value): ?string
    {
        if ($value !== null && mb_strlen($value) > self::LONGEST_TEXT) {
            throw new InputException(__('%1 is too long.', $name));
        }
        return $value;
    }
}
