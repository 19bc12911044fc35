<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api;

use LoyaltyBridge\Loyalty\Api\BalancesInterface;
use LoyaltyBridge\Loyalty\Api\Data\BalanceInterface;
use LoyaltyBridge\Loyalty\Api\Data\KnownBalanceInterface;
use LoyaltyBridge\Loyalty\Api\Data\KnownBalanceInterfaceFactory;
use LoyaltyBridge\Loyalty\Api\Data\RefusedBalanceInterface;
use LoyaltyBridge\Loyalty\Api\Data\RefusedBalanceInterfaceFactory;
use LoyaltyBridge\Loyalty\Model\Balance\Balance;
use LoyaltyBridge\Loyalty\Model\Balance\BalanceStorage;

/**
 * Balances of customers, told by the bridge alone.
 */
class Balances implements BalancesInterface
{
    private const MOST = 500;
    private const LONGEST_TIER = 255;
    private const LONGEST_KEY = 64;

    /**
     * @param BalanceStorage $storage
     * @param Lists $lists
     * @param KnownBalanceInterfaceFactory $knownFactory
     * @param RefusedBalanceInterfaceFactory $refusedFactory
     */
    public function __construct(
        private readonly BalanceStorage $storage,
        private readonly Lists $lists,
        private readonly KnownBalanceInterfaceFactory $knownFactory,
        private readonly RefusedBalanceInterfaceFactory $refusedFactory
    ) {
    }

    /**
     * @inheritdoc
     */
    public function save(array $balances): array
    {
        $this->lists->check($balances, self::MOST);
        $refused = [];
        $read = [];
        foreach ($balances as $told) {
            $message = $this->mistake($told);
            if ($message === '') {
                $read[(int)$told->getCustomerId()] = $this->read($told);
            } else {
                $refused[] = $this->refused((int)$told->getCustomerId(), $message);
            }
        }
        $unknown = $this->saveKnown($read);
        foreach ($unknown as $customerId) {
            $refused[] = $this->refused($customerId, (string)__('There is no such customer.'));
        }
        return $refused;
    }

    /**
     * @inheritdoc
     */
    public function getList(string $customerIds): array
    {
        $ids = $this->lists->readIds($customerIds);
        $this->lists->check($ids, self::MOST);
        $balances = $this->storage->ofMany($ids);
        $found = [];
        foreach ($this->storage->known($ids) as $customerId) {
            $found[] = $this->known($customerId, $balances[$customerId] ?? null);
        }
        return $found;
    }

    /**
     * @inheritdoc
     */
    public function clear(): bool
    {
        $this->storage->clear();
        return true;
    }

    /**
     * Saves those of customers who are there; the ids of the others.
     *
     * @param Balance[] $balances by customer id
     * @return int[]
     */
    private function saveKnown(array $balances): array
    {
        $known = array_flip($this->storage->known(array_keys($balances)));
        try {
            $this->storage->save(array_values(array_intersect_key($balances, $known)));
        } catch (\Exception $failure) {
            // Perhaps one of them was deleted in between.
            $before = $known;
            $known = array_flip($this->storage->known(array_keys($balances)));
            if (array_diff_key($before, $known) === []) {
                throw $failure;
            }
            $this->storage->save(array_values(array_intersect_key($balances, $known)));
        }
        return array_keys(array_diff_key($balances, $known));
    }

    /**
     * Why a balance is not taken; empty: it is.
     *
     * @param BalanceInterface $told
     * @return string
     */
    private function mistake(BalanceInterface $told): string
    {
        if ((int)$told->getCustomerId() < 1) {
            return (string)__('customer_id is missing.');
        }
        $numbers = ['available' => $told->getAvailable(), 'pending' => $told->getPending(),
            'expiring' => $told->getExpiring() ?? 0];
        foreach ($numbers as $name => $number) {
            if ($number === null || $number < 0) {
                return (string)__('%1 must be a number that is not negative.', $name);
            }
        }
        if (mb_strlen((string)$told->getTier()) > self::LONGEST_TIER) {
            return (string)__('%1 is too long.', 'tier');
        }
        if (strlen((string)$told->getTierKey()) > self::LONGEST_KEY) {
            return (string)__('%1 is too long.', 'tier_key');
        }
        if (!preg_match('/^(\d{4}-\d\d-\d\d)?$/D', (string)$told->getExpiresOn())) {
            return (string)__('%1 must look like 2030-12-31.', 'expires_on');
        }
        return '';
    }

    /**
     * A balance without mistakes.
     *
     * @param BalanceInterface $told
     * @return Balance
     */
    private function read(BalanceInterface $told): Balance
    {
        return new Balance(
            (int)$told->getCustomerId(),
            (int)$told->getAvailable(),
            (int)$told->getPending(),
            (string)$told->getTier(),
            (string)$told->getTierKey(),
            (int)$told->getExpiring(),
            (string)$told->getExpiresOn()
        );
    }

    /**
     * A customer as answered.
     *
     * @param int $customerId
     * @param Balance|null $balance
     * @return KnownBalanceInterface
     */
    private function known(int $customerId, ?Balance $balance): KnownBalanceInterface
    {
        $known = $this->knownFactory->create();
        $known->setCustomerId($customerId);
        if ($balance !== null) {
            $known->setIsSet(true);
            $known->setAvailable($balance->available);
            $known->setPending($balance->pending);
            $known->setTier($balance->tier);
            $known->setTierKey($balance->tierKey);
            $known->setExpiring($balance->expiring);
            $known->setExpiresOn($balance->expiresOn);
        }
        return $known;
    }

    /**
     * A refusal as answered.
     *
     * @param int $customerId
     * @param string $message
     * @return RefusedBalanceInterface
     */
    private function refused(int $customerId, string $message): RefusedBalanceInterface
    {
        $refused = $this->refusedFactory->create();
        $refused->setCustomerId($customerId);
        $refused->setMessage($message);
        return $refused;
    }
}
