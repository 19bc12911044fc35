<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Api;

use LoyaltyBridge\Loyalty\Api\Data\GiftInterface;
use LoyaltyBridge\Loyalty\Api\Data\GiftInterfaceFactory;
use LoyaltyBridge\Loyalty\Api\GiftsInterface;
use LoyaltyBridge\Loyalty\Model\Gift\RuleStorage;
use LoyaltyBridge\Loyalty\Model\Gift\RuleText;
use Magento\Framework\Exception\InputException;
use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Store\Api\WebsiteRepositoryInterface;

/**
 * Gift rules, told by the bridge alone.
 */
class Gifts implements GiftsInterface
{
    private const KEY = '/^[A-Za-z0-9._-]{1,64}$/D';

    /**
     * @param RuleStorage $storage
     * @param RuleText $text
     * @param WebsiteRepositoryInterface $websites
     * @param GiftInterfaceFactory $giftFactory
     */
    public function __construct(
        private readonly RuleStorage $storage,
        private readonly RuleText $text,
        private readonly WebsiteRepositoryInterface $websites,
        private readonly GiftInterfaceFactory $giftFactory
    ) {
    }

    /**
     * @inheritdoc
     */
    public function getList(): array
    {
        $found = [];
        foreach ($this->storage->all() as $row) {
            $found[] = $this->gift($row['key'], $row['website_id'], $row['rule']);
        }
        return $found;
    }

    /**
     * @inheritdoc
     */
    public function save(string $giftKey, GiftInterface $gift): GiftInterface
    {
        $websiteId = $this->websiteId($gift);
        $rule = (string)$gift->getRule();
        if (!preg_match(self::KEY, $giftKey) || $gift->getKey() !== $giftKey) {
            throw new InputException(__('The key of the rule is not the one in the address.'));
        }
        if ($this->text->read($rule, $giftKey) === null) {
            throw new InputException(__('This rule is not understood.'));
        }
        if ($this->storage->countOthers($websiteId, $giftKey) >= RuleStorage::MOST) {
            throw new InputException(__('At most %1 rules a website.', RuleStorage::MOST));
        }
        $this->storage->save($giftKey, $websiteId, $rule);
        return $this->gift($giftKey, $websiteId, $rule);
    }

    /**
     * @inheritdoc
     */
    public function forget(string $giftKey): bool
    {
        $this->storage->forget($giftKey);
        return true;
    }

    /**
     * A website that is there.
     *
     * @param GiftInterface $gift
     * @return int
     * @throws InputException
     */
    private function websiteId(GiftInterface $gift): int
    {
        $websiteId = (int)$gift->getWebsiteId();
        try {
            if ($websiteId < 1) {
                throw new NoSuchEntityException(__('A rule belongs to a website.'));
            }
            $this->websites->getById($websiteId);
        } catch (NoSuchEntityException $missing) {
            throw new InputException(__('There is no website of the id %1.', $websiteId), $missing);
        }
        return $websiteId;
    }

    /**
     * A rule as answered.
     *
     * @param string $key
     * @param int $websiteId
     * @param string $rule
     * @return GiftInterface
     */
    private function gift(string $key, int $websiteId, string $rule): GiftInterface
    {
        $gift = $this->giftFactory->create();
        $gift->setKey($key);
        $gift->setWebsiteId($websiteId);
        $gift->setRule($rule);
        return $gift;
    }
}
