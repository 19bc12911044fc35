<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Resolver;

use LoyaltyBridge\Loyalty\Api\OwnBalanceInterface;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\GraphQl\Config\Element\Field;
use Magento\Framework\GraphQl\Query\ResolverInterface;
use Magento\Framework\GraphQl\Schema\Type\ResolveInfo;

/**
 * The points of the customer who asks; of nobody else.
 */
class CustomerBalance implements ResolverInterface
{
    /** What an Int of GraphQL can say. */
    private const MOST = 2147483647;

    /**
     * @param OwnBalanceInterface $balance
     */
    public function __construct(private readonly OwnBalanceInterface $balance)
    {
    }

    /**
     * @inheritdoc
     */
    public function resolve(Field $field, $context, ResolveInfo $info, ?array $value = null, ?array $args = null)
    {
        $customer = $value['model'] ?? null;
        $customerId = is_object($customer) ? (int)$customer->getId() : 0;
        if ($customerId < 1 || $customerId !== $this->asking($context)) {
            return null;
        }
        $own = $this->balance->get($customerId);
        return [
            'is_member' => $own->getIsMember(),
            'available' => min($own->getAvailable(), self::MOST),
            'pending' => min($own->getPending(), self::MOST),
            'tier' => $own->getTier(),
            'expiring' => min($own->getExpiring(), self::MOST),
            'expires_on' => $own->getExpiresOn(),
        ];
    }

    /**
     * The customer who is signed in; 0: none.
     *
     * @param object $context
     * @return int
     */
    private function asking($context): int
    {
        $isCustomer = (int)$context->getUserType() === UserContextInterface::USER_TYPE_CUSTOMER;
        return $isCustomer ? (int)$context->getUserId() : 0;
    }
}
