<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Address;
use Magento\Sales\Api\Data\OrderInterface;

/**
 * Who wants to use a code.
 */
class Buyer
{
    /**
     * @param int $customerId 0: a guest
     * @param string[] $emails
     * @param int $quoteId 0: not saved yet
     */
    public function __construct(
        public readonly int $customerId,
        public readonly array $emails,
        public readonly int $quoteId
    ) {
    }

    /**
     * Of a cart.
     *
     * @param Quote $quote
     * @return self
     */
    public static function ofQuote(Quote $quote): self
    {
        $emails = [$quote->getCustomerEmail()];
        foreach ($quote->getAllAddresses() as $address) { // getBillingAddress() would make one
            if ($address->getAddressType() === Address::TYPE_BILLING) {
                $emails[] = $address->getEmail();
            }
        }
        return new self((int)$quote->getCustomerId(), self::clean($emails), (int)$quote->getId());
    }

    /**
     * Of an order that is being placed.
     *
     * @param OrderInterface $order
     * @return self
     */
    public static function ofOrder(OrderInterface $order): self
    {
        $billing = $order->getBillingAddress();
        $emails = [$order->getCustomerEmail(), $billing ? $billing->getEmail() : null];
        return new self((int)$order->getCustomerId(), self::clean($emails), (int)$order->getQuoteId());
    }

    /**
     * Whether the code is his, or anybody's.
     *
     * @param Owner $owner
     * @return bool
     */
    public function isOwner(Owner $owner): bool
    {
        if ($owner->customerIds !== []) {
            return $this->customerId !== 0 && in_array($this->customerId, $owner->customerIds, true);
        }
        return $owner->email === '' || in_array($owner->email, $this->emails, true);
    }

    /**
     * As the bridge writes addresses.
     *
     * @param array $emails
     * @return string[]
     */
    private static function clean(array $emails): array
    {
        $clean = array_map(static fn ($one): string => mb_strtolower(trim((string)$one), 'UTF-8'), $emails);
        return array_values(array_unique(array_filter($clean)));
    }
}
