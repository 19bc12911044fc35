<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\Encryption\EncryptorInterface;

/**
 * What the bridge told, and the admin's switch. An empty text: the bridge has no such thing.
 */
class Settings
{
    public const ENABLED = 'loyalty_bridge/general/enabled';
    public const EVENTS_URL = 'loyalty_bridge/bridge/events_url';
    public const EVENTS_SECRET = 'loyalty_bridge/bridge/events_secret';
    public const MEMBER_URL = 'loyalty_bridge/bridge/member_url';
    public const LINK_SECRET = 'loyalty_bridge/bridge/link_secret';
    public const POINTS_LABEL = 'loyalty_bridge/bridge/points_label';

    /** As the encryptor writes it: number of the key, cipher, the rest. */
    private const ENCRYPTED = '/^\d+:\d+:.+/s';

    /**
     * @param ScopeConfigInterface $config
     * @param EncryptorInterface $encryptor
     */
    public function __construct(
        private readonly ScopeConfigInterface $config,
        private readonly EncryptorInterface $encryptor
    ) {
    }

    /**
     * Whether the admin left the module switched on.
     *
     * @return bool
     */
    public function isActive(): bool
    {
        return $this->config->isSetFlag(self::ENABLED);
    }

    /**
     * Where events are sent to.
     *
     * @return string
     */
    public function eventsUrl(): string
    {
        return $this->text(self::EVENTS_URL);
    }

    /**
     * What events are signed with.
     *
     * @return string
     */
    public function eventsSecret(): string
    {
        return $this->secret(self::EVENTS_SECRET);
    }

    /**
     * What a signed query is put behind, for links to a member's own pages.
     *
     * @return string
     */
    public function memberUrl(): string
    {
        return $this->text(self::MEMBER_URL);
    }

    /**
     * What these links are signed with.
     *
     * @return string
     */
    public function linkSecret(): string
    {
        return $this->secret(self::LINK_SECRET);
    }

    /**
     * What shoppers call the points; empty: the page's own word.
     *
     * @return string
     */
    public function pointsLabel(): string
    {
        return $this->text(self::POINTS_LABEL);
    }

    /**
     * What is kept at a path, secrets readable.
     *
     * @param string $path one of the constants
     * @return string
     */
    public function at(string $path): string
    {
        $isSecret = in_array($path, [self::EVENTS_SECRET, self::LINK_SECRET], true);
        return $isSecret ? $this->secret($path) : $this->text($path);
    }

    /**
     * A value of the default scope.
     *
     * @param string $path
     * @return string
     */
    private function text(string $path): string
    {
        $value = $this->config->getValue($path);
        return is_scalar($value) ? (string)$value : '';
    }

    /**
     * The core decrypts what config.xml marks as encrypted; where it did not, it is done here.
     *
     * @param string $path
     * @return string
     */
    private function secret(string $path): string
    {
        $value = $this->text($path);
        return preg_match(self::ENCRYPTED, $value) ? $this->encryptor->decrypt($value) : $value;
    }
}
