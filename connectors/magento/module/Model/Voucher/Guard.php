<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

use LoyaltyBridge\Loyalty\Model\Clock;
use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Settings;

/**
 * A voucher works for its owner alone, and once. Codes that the bridge did not tell are let through.
 */
class Guard
{
    /** Rules ask for every line of a cart. */
    private const SECONDS_KEPT = 1.0;

    /** @var array<string, array{float, Owner[]}> */
    private array $kept = [];
    /** @var string[] codes that claim() took for the order that is being placed */
    private array $taken = [];
    /** @var array<string, int> the basket for which this request took a code last */
    private array $baskets = [];

    /**
     * @param Settings $settings
     * @param OwnerStorage $owners
     * @param Claims $claims
     * @param Clock $clock
     * @param Log $log
     */
    public function __construct(
        private readonly Settings $settings,
        private readonly OwnerStorage $owners,
        private readonly Claims $claims,
        private readonly Clock $clock,
        private readonly Log $log
    ) {
    }

    /**
     * The codes that a cart or an order names: one, or several with commas between them.
     *
     * @param string $said
     * @return string[]
     */
    public function codes(string $said): array
    {
        return $this->claims->codes($said);
    }

    /**
     * Whether the bridge told of one of these codes.
     *
     * @param string[] $codes
     * @return bool
     */
    public function isOurs(array $codes): bool
    {
        return $this->ownersNow($codes) !== [];
    }

    /**
     * Whether a cart may have what these codes give.
     *
     * @param string[] $codes
     * @param Buyer $buyer
     * @return bool
     */
    public function mayUse(array $codes, Buyer $buyer): bool
    {
        foreach ($this->ownersNow($codes) as $owner) {
            $isTaken = $owner->quoteId !== null && $owner->quoteId !== $buyer->quoteId;
            if (!$buyer->isOwner($owner) || ($isTaken && !$this->claims->isDead($owner))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Takes the codes for an order that is being placed, all or none. False: one is not his, or used.
     *
     * @param string[] $codes
     * @param Buyer $buyer
     * @param string $incrementId
     * @return bool
     */
    public function claim(array $codes, Buyer $buyer, string $incrementId): bool
    {
        $this->kept = [];
        $this->taken = [];
        try {
            $owners = $this->settings->isActive() ? $this->owners->ofMany($this->claims->spelled($codes)) : [];
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers, placing', $failure);
            return true; // nobody knows whether it is one of ours
        }
        foreach ($owners as $owner) {
            if (!$this->claimOne($owner, $buyer, $incrementId)) {
                $this->letGo($buyer->quoteId, $incrementId);
                return false;
            }
        }
        return true;
    }

    /**
     * No order came of it: lets go what claim() took just now. Another request for the same order may be
     * under way; what that one had already stays.
     *
     * @param int $quoteId
     * @param string $incrementId
     * @return void
     */
    public function giveBack(int $quoteId, string $incrementId): void
    {
        $isFree = fn (string $code): bool => !$this->claims->isOrdered($code, $quoteId);
        $this->taken = array_filter($this->taken, $isFree);
        $this->letGo($quoteId, $incrementId);
    }

    /**
     * The order is there: its codes are its own, also when another request for it failed meanwhile and let
     * them go.
     *
     * @param string[] $codes
     * @param int $quoteId
     * @param string $incrementId
     * @return void
     */
    public function confirm(array $codes, int $quoteId, string $incrementId): void
    {
        $this->taken = [];
        if ($codes !== [] && $this->settings->isActive()) {
            $this->owners->claimFree($this->claims->spelled($codes), $quoteId, $incrementId);
        }
    }

    /**
     * Lets the codes of a cancelled order go, unless the same basket was ordered with them once more.
     *
     * @param string[] $codes
     * @param int $quoteId
     * @param string $incrementId
     * @return void
     */
    public function release(array $codes, int $quoteId, string $incrementId): void
    {
        $this->kept = [];
        foreach ($this->owners->ofMany($this->claims->spelled($codes)) as $owner) {
            $isHeld = $owner->quoteId === $quoteId;
            $isThis = $owner->orderIncrement === $incrementId;
            $isGone = $isHeld && ($isThis || $this->claims->isShared($quoteId));
            if ($isGone && !$this->claims->isOrdered($owner->code, $quoteId)) {
                $this->owners->release($owner->code, $quoteId, $owner->orderIncrement);
            }
        }
    }

    /**
     * Takes one. What fails from here on is refused: the code is known to be one of ours.
     *
     * @param Owner $owner
     * @param Buyer $buyer
     * @param string $incrementId
     * @return bool
     */
    private function claimOne(Owner $owner, Buyer $buyer, string $incrementId): bool
    {
        try {
            $owner = $this->owners->locked($owner->code) ?? $owner;
            $isHeld = $owner->quoteId === $buyer->quoteId && $owner->orderIncrement === $incrementId;
            $isOfRequest = ($this->baskets[$owner->code] ?? null) === $buyer->quoteId;
            $isOurs = $buyer->isOwner($owner)
                && $this->claims->mayTake($owner, $buyer->quoteId, $incrementId, $isOfRequest)
                && $this->owners->claim($owner, $buyer->quoteId, $incrementId);
            if ($isOurs && !$isHeld) {
                $this->taken[] = $owner->code;
                $this->baskets[$owner->code] = $buyer->quoteId;
            }
            return $isOurs;
        } catch (\Throwable $failure) {
            $this->log->failure('vouchers, claiming', $failure);
            return false;
        }
    }

    /**
     * Lets go what was taken just now.
     *
     * @param int $quoteId
     * @param string $incrementId
     * @return void
     */
    private function letGo(int $quoteId, string $incrementId): void
    {
        foreach ($this->taken as $code) {
            $this->owners->release($code, $quoteId, $incrementId);
        }
        $this->taken = [];
    }

    /**
     * Owners of codes, at most a moment old.
     *
     * @param string[] $codes
     * @return Owner[]
     */
    private function ownersNow(array $codes): array
    {
        if ($codes === [] || !$this->settings->isActive()) {
            return [];
        }
        $name = implode("\n", $codes);
        [$at, $owners] = $this->kept[$name] ?? [-self::SECONDS_KEPT, []];
        if (abs($this->clock->ticks() - $at) >= self::SECONDS_KEPT) {
            $owners = $this->owners->ofMany($codes);
            $this->kept = [$name => [$this->clock->ticks(), $owners]];
        }
        return $owners;
    }
}
