<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

use Magento\Framework\Locale\ResolverInterface;

/**
 * Numbers, days and the points' name as the reader of the page writes them. Plain text: escape it.
 */
class Wording
{
    /**
     * @param Settings $settings
     * @param ResolverInterface $locale
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly ResolverInterface $locale
    ) {
    }

    /**
     * What the points are called.
     *
     * @return string
     */
    public function label(): string
    {
        $told = $this->settings->pointsLabel();
        return $told !== '' ? $told : (string)__('Points');
    }

    /**
     * A number with at most this many places.
     *
     * @param int|float $value
     * @param int $places
     * @return string
     */
    public function number($value, int $places = 0): string
    {
        $format = new \NumberFormatter($this->locale->getLocale(), \NumberFormatter::DECIMAL);
        $format->setAttribute(\NumberFormatter::MAX_FRACTION_DIGITS, $places);
        return (string)$format->format($value);
    }

    /**
     * "120 Points".
     *
     * @param int $value
     * @return string
     */
    public function points(int $value): string
    {
        return (string)__('%1 %2', $this->number($value), $this->label());
    }

    /**
     * "12.5%".
     *
     * @param float $value 12.5 for 12.5 %
     * @return string
     */
    public function percent(float $value): string
    {
        $format = new \NumberFormatter($this->locale->getLocale(), \NumberFormatter::PERCENT);
        $format->setAttribute(\NumberFormatter::MAX_FRACTION_DIGITS, 1);
        return (string)$format->format($value / 100);
    }

    /**
     * A day; empty for what is none.
     *
     * @param string $day YYYY-MM-DD
     * @return string
     */
    public function day(string $day): string
    {
        $date = \DateTimeImmutable::createFromFormat('!Y-m-d', $day, new \DateTimeZone('UTC'));
        if ($date === false || $date->format('Y-m-d') !== $day) {
            return '';
        }
        $format = new \IntlDateFormatter(
            $this->locale->getLocale(),
            \IntlDateFormatter::LONG,
            \IntlDateFormatter::NONE,
            'UTC'
        );
        return (string)$format->format($date);
    }
}
