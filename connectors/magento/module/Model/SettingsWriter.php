<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

use Magento\Framework\App\Config\ReinitableConfigInterface;
use Magento\Framework\App\Config\Storage\WriterInterface;
use Magento\Framework\Encryption\EncryptorInterface;

/**
 * Keeps what the bridge tells, in the default scope. Nothing is written when nothing changed.
 */
class SettingsWriter
{
    private const SECRETS = [Settings::EVENTS_SECRET, Settings::LINK_SECRET];
    private const TEXTS = [Settings::EVENTS_URL, Settings::MEMBER_URL, Settings::POINTS_LABEL];

    /**
     * @param Settings $settings
     * @param WriterInterface $writer
     * @param ReinitableConfigInterface $config
     * @param EncryptorInterface $encryptor
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly WriterInterface $writer,
        private readonly ReinitableConfigInterface $config,
        private readonly EncryptorInterface $encryptor
    ) {
    }

    /**
     * Writes what is new.
     *
     * @param array<string, string> $values by path; an empty secret stays as it was
     * @return void
     */
    public function write(array $values): void
    {
        $isChanged = false;
        foreach ($values as $path => $value) {
            $isSecret = in_array($path, self::SECRETS, true);
            if ($value === $this->settings->at($path) || ($isSecret && $value === '')) {
                continue;
            }
            $this->writer->save($path, $isSecret ? $this->encryptor->encrypt($value) : $value);
            $isChanged = true;
        }
        if ($isChanged) {
            $this->config->reinit();
        }
    }

    /**
     * Forgets all that was told; the admin's switch stays.
     *
     * @return void
     */
    public function forget(): void
    {
        foreach ([...self::TEXTS, ...self::SECRETS] as $path) {
            $this->writer->delete($path);
        }
        $this->config->reinit();
    }
}
