<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Voucher;

use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Address;
use Magento\Sales\Api\Data\OrderInterface;

/**
 * Finds out who is behind a cart or an order.
 */
class Buyers
{
    /**
     * Of a cart.
     *
     * @param Quote $quote
     * @return Buyer
     */
    public function ofQuote(Quote $quote): Buyer
    {
        $emails = [$quote->getCustomerEmail()];
        foreach ($quote->getAllAddresses() as $address) { // getBillingAddress() would make one
            if ($address->getAddressType() === Address::TYPE_BILLING) {
                $emails[] = $address->getEmail();
            }
        }
        return new Buyer((int)$quote->getCustomerId(), $this->clean($emails), (int)$quote->getId());
    }

    /**
     * Of an order that is being placed.
     *
     * @param OrderInterface $order
     * @return Buyer
     */
    public function ofOrder(OrderInterface $order): Buyer
    {
        $billing = $order->getBillingAddress();
        $emails = [$order->getCustomerEmail(), $billing ? $billing->getEmail() : null];
        return new Buyer((int)$order->getCustomerId(), $this->clean($emails), (int)$order->getQuoteId());
    }

    /**
     * As the bridge writes addresses: small letters, the domain as the net knows it.
     *
     * @param array $emails
     * @return string[]
     */
    private function clean(array $emails): array
    {
        $clean = [];
        foreach ($emails as $email) {
            $email = mb_strtolower(trim((string)$email), 'UTF-8');
            $at = strrpos($email, '@');
            if ($at === false) {
                continue;
            }
            $clean[] = $email;
            $domain = $this->domain(substr($email, $at + 1));
            if ($domain !== '') {
                $clean[] = substr($email, 0, $at + 1) . $domain;
            }
        }
        return array_values(array_unique($clean));
    }

    /**
     * A domain as the net knows it; empty: it is none. Newer releases of PHP raise an error for what is no
     * domain, and whoever can make this raise one would be asked for nothing.
     *
     * @param string $domain
     * @return string
     */
    private function domain(string $domain): string
    {
        try {
            return function_exists('idn_to_ascii') ? (string)idn_to_ascii($domain) : '';
        } catch (\Throwable $none) {
            return '';
        }
    }
}
