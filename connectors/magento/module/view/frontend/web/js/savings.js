/**
 * What more pieces of the chosen variant save, from the prices that Magento's own script shows.
 */
define([
    'jquery',
    'Magento_Catalog/js/price-utils'
], function ($, priceUtils) {
    'use strict';

    /**
     * Whether each option is: before, the widget names a variant that may not be the one.
     *
     * @param {Object} form
     * @returns {Boolean}
     */
    function isChosen(form) {
        return $.makeArray(form.options.settings).every(function (select) {
            return select.value !== '';
        });
    }

    /**
     * The prices of the variant that is chosen; null: none is, or this theme chooses otherwise.
     *
     * @returns {Object|null}
     */
    function chosen() {
        var box = $('#product_addtocart_form [data-role=swatch-options]'),
            swatches = box.data('mage-SwatchRenderer') || box.data('mageSwatchRenderer'),
            form = $('#product_addtocart_form').data('mageConfigurable'),
            config, id;

        if (swatches && swatches.options.jsonConfig) {
            config = swatches.options.jsonConfig;
            id = swatches.getProductId ? swatches.getProductId() : null;
        } else if (form && form.options.spConfig) {
            config = form.options.spConfig;
            id = isChosen(form) ? form.simpleProduct : null;
        }

        if (!config || !id || !config.optionPrices || !config.optionPrices[id]) {
            return null;
        }

        return {
            prices: config.optionPrices[id],
            format: config.priceFormat || {}
        };
    }

    /**
     * @param {Object} variant
     * @returns {Array}
     */
    function rows(variant) {
        var single = Number(variant.prices.finalPrice.amount),
            tiers = variant.prices.tierPrices;

        return (Array.isArray(tiers) ? tiers : []).map(function (tier) {
            var price = Number(tier.price),
                percent = 100 * (single - price) / single;

            return {
                quantity: Number(tier.qty),
                price: price,
                saved: Math.round((single - price) * 100) / 100,
                percent: percent < 1 ? Math.round(percent * 10) / 10 : Math.round(percent)
            };
        }).filter(function (row) {
            return row.quantity > 1 && row.price >= 0 && row.saved > 0;
        });
    }

    /**
     * @param {String} name
     * @param {Array} texts
     * @returns {Element}
     */
    function cell(name, texts) {
        var item = document.createElement(name);

        texts.forEach(function (text, index) {
            var part = document.createElement('bdi');

            part.textContent = text;

            if (index > 0) {
                part.className = 'loyalty-bridge-percent';
            }
            item.appendChild(part);
        });

        return item;
    }

    /**
     * @param {Element} body
     * @param {Array} list
     * @param {Object} format
     * @param {String} from - "%1 or more"
     */
    function fill(body, list, format, from) {
        var language = document.documentElement.lang || undefined,
            percent = new Intl.NumberFormat(language, {
                style: 'percent',
                maximumFractionDigits: 1
            });

        body.textContent = '';
        list.forEach(function (row) {
            var line = document.createElement('tr'),
                head = cell('th', [from.replace('%1', String(row.quantity))]);

            head.scope = 'row';
            line.appendChild(head);
            line.appendChild(cell('td', [priceUtils.formatPrice(row.price, format)]));
            line.appendChild(cell('td', [
                priceUtils.formatPrice(row.saved, format),
                percent.format(row.percent / 100)
            ]));
            body.appendChild(line);
        });
    }

    /**
     * @param {Object} config - from: the pattern of a quantity
     * @param {Element} element
     */
    return function (config, element) {
        var body = element.querySelector('tbody');

        /**
         * Shows the table of the chosen variant, or none.
         */
        function update() {
            var variant, list = [];

            try {
                variant = chosen();
                list = variant ? rows(variant) : [];

                if (list.length) {
                    fill(body, list, variant.format, config.from);
                }
            } catch (e) {
                list = [];
            }
            element.hidden = !list.length;
        }

        $(document).on('change click', '#product_addtocart_form', function () {
            window.setTimeout(update, 50);
        });
        update();
    };
});
