<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\ViewModel;

use LoyaltyBridge\Loyalty\Model\Log;
use LoyaltyBridge\Loyalty\Model\Saving;
use LoyaltyBridge\Loyalty\Model\Wording;
use Magento\Catalog\Helper\Data;
use Magento\Catalog\Model\Product;
use Magento\Catalog\Pricing\Price\FinalPrice;
use Magento\Catalog\Pricing\Price\TierPrice;
use Magento\Framework\Module\Manager;
use Magento\Framework\Pricing\PriceCurrencyInterface;
use Magento\Framework\View\Element\Block\ArgumentInterface;

/**
 * What more of a product saves, from the prices that the page shows anyway: cached by customer group like these.
 */
class Savings implements ArgumentInterface
{
    private const CONFIGURABLE = 'configurable';

    /**
     * @param Data $catalog
     * @param PriceCurrencyInterface $currency
     * @param Manager $modules
     * @param Wording $wording
     * @param Log $log
     */
    public function __construct(
        private readonly Data $catalog,
        private readonly PriceCurrencyInterface $currency,
        private readonly Manager $modules,
        private readonly Wording $wording,
        private readonly Log $log
    ) {
    }

    /**
     * The table's rows; none: no table.
     *
     * @return array<int, array{from: string, price: string, saved: string, percent: string}>
     */
    public function rows(): array
    {
        try {
            $product = $this->catalog->getProduct();
            return $product instanceof Product && $this->isOpen($product) ? $this->ofProduct($product) : [];
        } catch (\Throwable $failure) {
            $this->log->failure('savings', $failure);
            return [];
        }
    }

    /**
     * Whether the prices come with the variant that a shopper chooses.
     *
     * @return bool
     */
    public function hasVariants(): bool
    {
        try {
            $product = $this->catalog->getProduct();
            return $product instanceof Product
                && $product->getTypeId() === self::CONFIGURABLE
                && $this->isPriceShown($product);
        } catch (\Throwable $failure) {
            $this->log->failure('savings', $failure);
            return false;
        }
    }

    /**
     * Whether a single price can be said, and may.
     *
     * @param Product $product
     * @return bool
     */
    private function isOpen(Product $product): bool
    {
        return $this->isPriceShown($product) && !$product->getTypeInstance()->isComposite($product);
    }

    /**
     * Whether the shop itself shows this price on the page.
     *
     * @param Product $product
     * @return bool
     */
    private function isPriceShown(Product $product): bool
    {
        if ($product->getData('can_show_price') === false) {
            return false;
        }
        return !$this->modules->isEnabled('Magento_Msrp')
            || !$product->getPriceInfo()->getPrice('msrp_price')->isShowPriceOnGesture();
    }

    /**
     * One row for each quantity that saves something.
     *
     * @param Product $product
     * @return array
     */
    private function ofProduct(Product $product): array
    {
        $info = $product->getPriceInfo();
        $tiers = $info->getPrice(TierPrice::PRICE_CODE);
        if (!$tiers instanceof TierPrice || $tiers->isPercentageDiscount()) {
            return [];
        }
        $single = (float)$info->getPrice(FinalPrice::PRICE_CODE)->getAmount()->getValue();
        $rows = [];
        foreach ($tiers->getTierPriceList() as $tier) {
            $price = (float)$tier['price']->getValue();
            $saving = Saving::of($single, $price);
            if ($saving !== null) {
                $rows[] = [
                    'from' => $this->wording->number((float)$tier['price_qty'], 4),
                    'price' => $this->money($price),
                    'saved' => $this->money($saving->amount),
                    'percent' => $this->wording->percent($saving->percent),
                ];
            }
        }
        return $rows;
    }

    /**
     * An amount in the currency that the page shows.
     *
     * @param float $amount
     * @return string
     */
    private function money(float $amount): string
    {
        return (string)$this->currency->format($amount, false);
    }
}
