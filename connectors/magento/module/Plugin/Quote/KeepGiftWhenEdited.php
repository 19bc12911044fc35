<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Plugin\Quote;

use LoyaltyBridge\Loyalty\Model\Gift\Mark;
use LoyaltyBridge\Loyalty\Model\Gift\QuoteLines;
use LoyaltyBridge\Loyalty\Model\Log;
use Magento\Framework\DataObject;
use Magento\Quote\Model\Quote;
use Magento\Quote\Model\Quote\Item;

/**
 * Whoever edits a gift's line ("Edit" in the cart, PUT with options) edits the gift: without its mark
 * the new request would make it a line that is paid for. There is nothing to choose for a gift.
 */
class KeepGiftWhenEdited
{
    /**
     * @param Mark $mark
     * @param QuoteLines $lines
     * @param Log $log
     */
    public function __construct(
        private readonly Mark $mark,
        private readonly QuoteLines $lines,
        private readonly Log $log
    ) {
    }

    /**
     * Before a line gets a new request.
     *
     * @param Quote $subject
     * @param int $itemId
     * @param DataObject $buyRequest
     * @param mixed $params
     * @return array|null
     */
    public function beforeUpdateItem(Quote $subject, $itemId, $buyRequest, $params = null)
    {
        try {
            $item = $subject->getItemById($itemId);
            $key = $item ? $this->mark->of($item) : '';
            if ($item && $key === '') {
                $this->stepAside($subject, $item);
            }
            if ($buyRequest instanceof DataObject) {
                $buyRequest->unsetData(Mark::NAME);
                if ($key !== '') {
                    $buyRequest->setData(['qty' => $buyRequest->getData('qty') ?: 1, Mark::NAME => $key]);
                }
            }
        } catch (\Throwable $failure) {
            $this->log->failure('gifts, editing', $failure);
        }
        return [$itemId, $buyRequest, $params];
    }

    /**
     * Some releases join an edited line with others of its article number: a gift's quantity would be paid
     * for. It comes back when the totals are collected.
     *
     * @param Quote $quote
     * @param Item $edited
     * @return void
     */
    private function stepAside(Quote $quote, $edited): void
    {
        foreach ($this->lines->gifts($quote) as $gift) {
            if ((int)$gift->getProductId() === (int)$edited->getProductId()) {
                $this->lines->remove($quote, $gift);
            }
        }
    }
}
