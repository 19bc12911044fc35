<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

use LoyaltyBridge\Loyalty\Model\Clock;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;

/**
 * Sends waiting events. What does not arrive is tried again, ever more rarely; the bridge polls anyway.
 */
class Sender
{
    /** Longer than a call takes, so that nobody else sends the same meanwhile. */
    private const LEASE = 60;
    private const FIRST_DELAY = 30;
    private const LONGEST_DELAY = 21600;
    /** The bridge says that nobody is there any more. */
    private const GONE = 410;
    private const GONE_DELAY = 86400;
    private const TOTAL_SECONDS = 10;

    /**
     * @param EventStorage $storage
     * @param Message $message
     * @param Transport $transport
     * @param Settings $settings
     * @param Clock $clock
     * @param Log $log
     */
    public function __construct(
        private readonly EventStorage $storage,
        private readonly Message $message,
        private readonly Transport $transport,
        private readonly Settings $settings,
        private readonly Clock $clock,
        private readonly Log $log
    ) {
    }

    /**
     * Sends what is due; how many arrived. After one that found nobody the others wait for the next run.
     *
     * @param int $most rows
     * @param float $seconds begun within
     * @return int
     */
    public function send(int $most, float $seconds): int
    {
        if (!$this->isPossible()) {
            return 0;
        }
        $end = $this->clock->ticks() + $seconds;
        $arrived = 0;
        foreach ($this->alike($this->storage->due($most)) as $rows) {
            $left = $end - $this->clock->ticks();
            if ($left <= 0) {
                break;
            }
            $outcome = $this->sendOne($rows, (int)ceil($left));
            if ($outcome === Outcome::SILENT) {
                break;
            }
            $arrived += (int)($outcome === Outcome::ARRIVED);
        }
        return $arrived;
    }

    /**
     * Sends the event of a token, when nobody else does just now; whether it arrived.
     *
     * @param string $token
     * @param int $seconds
     * @return bool
     */
    public function sendToken(string $token, int $seconds): bool
    {
        $row = $this->isPossible() ? $this->storage->find($token) : null;
        return $row !== null && $this->sendOne([$row], $seconds) === Outcome::ARRIVED;
    }

    /**
     * Rows that say the same, in the order of the first of each: one message says it for all.
     *
     * @param array[] $rows
     * @return array[][]
     */
    private function alike(array $rows): array
    {
        $found = [];
        foreach ($rows as $row) {
            $found[$row['event'] . '|' . $row['entity'] . '|' . $row['ids']][] = $row;
        }
        return array_values($found);
    }

    /**
     * One message for rows that say the same.
     *
     * @param array[] $rows
     * @param int $seconds
     * @return string one of Outcome
     */
    private function sendOne(array $rows, int $seconds): string
    {
        $until = $this->clock->now() + self::LEASE;
        $claimed = array_values(array_filter(
            $rows,
            fn (array $row): bool => $this->storage->claim((int)$row['event_id'], $until)
        ));
        if ($claimed === []) {
            return Outcome::TAKEN;
        }
        [$status, $error] = $this->post($claimed[0], $seconds);
        if ($status >= 200 && $status < 300) {
            $this->storage->delete(array_map(static fn (array $row): int => (int)$row['event_id'], $claimed));
            return Outcome::ARRIVED;
        }
        foreach ($claimed as $row) {
            $attempts = (int)$row['attempts'] + 1;
            $next = $this->clock->now() + $this->delay($status, $attempts);
            $this->storage->postpone((int)$row['event_id'], $attempts, $next, $error);
        }
        return $status === 0 || $status === self::GONE ? Outcome::SILENT : Outcome::REFUSED;
    }

    /**
     * Status and what to note; status 0: no answer.
     *
     * @param array $row
     * @param int $seconds
     * @return array
     */
    private function post(array $row, int $seconds): array
    {
        try {
            $ids = json_decode((string)$row['ids'], true, 8, JSON_THROW_ON_ERROR);
            $body = $this->message->body($row['token'], $row['event'], $row['entity'], (array)$ids);
            $secret = $this->settings->eventsSecret();
            $headers = $this->message->headers($secret, $row['token'], $body, $this->clock->now());
            $seconds = min($seconds, self::TOTAL_SECONDS);
            $status = $this->transport->post($this->settings->eventsUrl(), $headers, $body, $seconds);
            return [$status, sprintf('The bridge answered %d.', $status)];
        } catch (\Throwable $failure) {
            $this->log->failure('sending', $failure);
            return [0, $failure->getMessage()];
        }
    }

    /**
     * When to try again, in seconds from now.
     *
     * @param int $status
     * @param int $attempts
     * @return int
     */
    private function delay(int $status, int $attempts): int
    {
        if ($status === self::GONE) {
            return self::GONE_DELAY;
        }
        return (int)min(self::FIRST_DELAY * 2 ** min($attempts, 20), self::LONGEST_DELAY);
    }

    /**
     * Whether there is somebody to send to.
     *
     * @return bool
     */
    private function isPossible(): bool
    {
        return $this->settings->isActive()
            && $this->settings->eventsUrl() !== ''
            && $this->settings->eventsSecret() !== '';
    }
}
