<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api;

use LoyaltyBridge\Loyalty\Api\Data\OwnedVoucherInterface;
use LoyaltyBridge\Loyalty\Api\Data\OwnedVoucherInterfaceFactory;
use LoyaltyBridge\Loyalty\Api\Data\RefusedVoucherInterface;
use LoyaltyBridge\Loyalty\Api\Data\RefusedVoucherInterfaceFactory;
use LoyaltyBridge\Loyalty\Api\Data\VoucherInterface;
use LoyaltyBridge\Loyalty\Api\VouchersInterface;
use LoyaltyBridge\Loyalty\Model\Voucher\Owner;
use LoyaltyBridge\Loyalty\Model\Voucher\OwnerStorage;

/**
 * Owners of codes, told by the bridge alone.
 */
class Vouchers implements VouchersInterface
{
    private const MOST_TOLD = 500;
    private const MOST_ASKED = 100;
    private const MOST_OWNERS = 1000;
    private const LONGEST_CODE = 64;
    private const LONGEST_EMAIL = 255;

    /**
     * @param OwnerStorage $storage
     * @param Lists $lists
     * @param OwnedVoucherInterfaceFactory $ownedFactory
     * @param RefusedVoucherInterfaceFactory $refusedFactory
     */
    public function __construct(
        private readonly OwnerStorage $storage,
        private readonly Lists $lists,
        private readonly OwnedVoucherInterfaceFactory $ownedFactory,
        private readonly RefusedVoucherInterfaceFactory $refusedFactory
    ) {
    }

    /**
     * @inheritdoc
     */
    public function save(array $vouchers): array
    {
        $this->lists->check($vouchers, self::MOST_TOLD);
        $refused = [];
        $owners = [];
        foreach ($vouchers as $voucher) {
            $message = $this->mistake($voucher);
            if ($message !== '') {
                $refused[] = $this->refused((string)$voucher->getCode(), $message);
                continue;
            }
            $code = $this->storage->normal((string)$voucher->getCode());
            $email = mb_strtolower(trim((string)$voucher->getEmail()), 'UTF-8');
            $owners[$code] = new Owner($code, array_values(array_unique($voucher->getCustomerIds())), $email);
        }
        $this->storage->save(array_values($owners));
        return $refused;
    }

    /**
     * @inheritdoc
     */
    public function getList(string $codes): array
    {
        $asked = $this->lists->read($codes);
        $this->lists->check($asked, self::MOST_ASKED);
        $found = [];
        foreach ($this->storage->ofMany($asked) as $owner) {
            $found[] = $this->owned($owner);
        }
        return $found;
    }

    /**
     * @inheritdoc
     */
    public function forget(array $codes): bool
    {
        $this->lists->check($codes, self::MOST_TOLD);
        $this->storage->forget(array_map('strval', $codes));
        return true;
    }

    /**
     * Why a code is not taken; empty: it is.
     *
     * @param VoucherInterface $voucher
     * @return string
     */
    private function mistake(VoucherInterface $voucher): string
    {
        $code = $this->storage->normal((string)$voucher->getCode());
        if ($code === '' || mb_strlen($code) > self::LONGEST_CODE || str_contains($code, ',')) {
            return (string)__('A code has 1 to %1 characters and no comma.', self::LONGEST_CODE);
        }
        $customerIds = $voucher->getCustomerIds();
        if ($customerIds === null || count($customerIds) > self::MOST_OWNERS) {
            return (string)__('customer_ids must be a list of at most %1.', self::MOST_OWNERS);
        }
        foreach ($customerIds as $customerId) {
            if (!is_int($customerId) || $customerId < 0) { // 0: nobody yet
                return (string)__('customer_ids must be ids of customers.');
            }
        }
        if (mb_strlen((string)$voucher->getEmail()) > self::LONGEST_EMAIL) {
            return (string)__('%1 is too long.', 'email');
        }
        return '';
    }

    /**
     * A code as answered.
     *
     * @param Owner $owner
     * @return OwnedVoucherInterface
     */
    private function owned(Owner $owner): OwnedVoucherInterface
    {
        $owned = $this->ownedFactory->create();
        $owned->setCode($owner->code);
        $owned->setCustomerIds($owner->customerIds);
        $owned->setEmail($owner->email);
        $owned->setIsClaimed($owner->quoteId !== null);
        $owned->setOrderIncrement($owner->orderIncrement);
        return $owned;
    }

    /**
     * A refusal as answered.
     *
     * @param string $code
     * @param string $message
     * @return RefusedVoucherInterface
     */
    private function refused(string $code, string $message): RefusedVoucherInterface
    {
        $refused = $this->refusedFactory->create();
        $refused->setCode($code);
        $refused->setMessage($message);
        return $refused;
    }
}
