<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api;

use Magento\Framework\Exception\InputException;

/**
 * Lists in requests.
 */
class Lists
{
    /**
     * The parts between commas, each once.
     *
     * @param string $text
     * @return string[]
     */
    public function read(string $text): array
    {
        $parts = array_map('trim', explode(',', $text));
        return array_values(array_unique(array_filter($parts, static fn (string $part): bool => $part !== '')));
    }

    /**
     * The ids between commas, each once.
     *
     * @param string $text
     * @return int[]
     * @throws InputException
     */
    public function readIds(string $text): array
    {
        $ids = [];
        foreach ($this->read($text) as $part) {
            if (!preg_match('/^[1-9]\d{0,9}$/D', $part)) {
                throw new InputException(__('"%1" is no id.', $part));
            }
            $ids[] = (int)$part;
        }
        return $ids;
    }

    /**
     * Refuses lists that are too long.
     *
     * @param array $rows
     * @param int $most
     * @return void
     * @throws InputException
     */
    public function check(array $rows, int $most): void
    {
        if (count($rows) > $most) {
            throw new InputException(__('At most %1 in a call.', $most));
        }
    }
}
