/**
 * The reader's own points on pages that are the same for everybody.
 *
 * The numbers come from the customer section "loyalty-bridge". The bridge tells new ones behind the
 * shop's back, so the section is asked for again when it is older than a few seconds: with almost each page of
 * a customer, and never for guests.
 */
define([
    'Magento_Customer/js/customer-data'
], function (customerData) {
    'use strict';

    var SECTION = 'loyalty-bridge',
        NOTE = 'loyalty-bridge-loaded',
        FRESH = 10000,
        HOUR = 3600000,
        badge = null,
        store = null,
        invitation = null,
        maxAge = FRESH,
        isForGuests = false,
        isWatching = false,
        isAsking = false;

    /**
     * When the section that is held was seen first, by this browser's own clock.
     *
     * @returns {Object}
     */
    function readNote() {
        try {
            return JSON.parse(window.localStorage.getItem(NOTE)) || {};
        } catch (e) {
            return {};
        }
    }

    /**
     * @param {Object} note
     */
    function writeNote(note) {
        try {
            window.localStorage.setItem(NOTE, JSON.stringify(note));
        } catch (e) {
            return;
        }
    }

    /**
     * How old the section is, in thousandths of a second.
     *
     * @param {Object} data
     * @returns {Number}
     */
    function age(data) {
        var note, passed;

        if (!data || data.at === undefined) {
            return Infinity;
        }
        note = readNote();

        if (note.at !== data.at) {
            note = {
                at: data.at,
                seen: Date.now()
            };
            writeNote(note);
        }
        passed = Date.now() - note.seen;

        return passed < 0 ? Infinity : passed;
    }

    /**
     * @param {Element} item
     * @param {Object} data
     */
    function fillBadge(item, data) {
        var link = item.querySelector('a'),
            text;

        if (!data['is_shown'] || !data['is_member'] || !data.shown) {
            item.textContent = '';

            return;
        }

        if (!link) {
            link = document.createElement('a');
            item.appendChild(link);
        }
        text = badge.text.replace(/%[12]/g, function (place) {
            return place === '%1' ? data.label : data.shown.available;
        });
        link.href = badge.url;

        if (link.textContent !== text) {
            link.textContent = text;
        }
    }

    /**
     * @param {Object} data
     */
    function fillFigures(data) {
        if (!data['is_member'] || !data.shown) {
            return;
        }
        ['available', 'pending'].forEach(function (name) {
            document.querySelectorAll('[data-loyalty-bridge="' + name + '"]').forEach(function (item) {
                if (item.textContent !== data.shown[name]) {
                    item.textContent = data.shown[name];
                }
            });
        });
    }

    /**
     * @param {Object} data
     */
    function fillInvitation(data) {
        var box, line;

        if (!data['is_invited'] || invitation.element.firstChild) {
            return;
        }
        box = document.createElement('div');
        box.className = 'message info';
        line = document.createElement('div');
        line.textContent = invitation.text;
        box.appendChild(line);
        invitation.element.appendChild(box);
    }

    /**
     * @param {Object} data
     */
    function show(data) {
        if (!data || data.at === undefined) {
            return;
        }
        age(data);

        if (badge) {
            document.querySelectorAll('.loyalty-bridge-badge').forEach(function (item) {
                fillBadge(item, data);
            });
        }
        fillFigures(data);

        if (invitation) {
            fillInvitation(data);
        }
    }

    /**
     * @param {Object} data
     * @returns {Number}
     */
    function limit(data) {
        if (store && data.store !== store) {
            return 0;
        }

        return data['is_shown'] === false ? Math.max(maxAge, HOUR) : maxAge;
    }

    /**
     * Asks for the section where it is too old. Guests have no points: for them nothing is asked.
     */
    function refresh() {
        var data = customerData.get(SECTION)() || {},
            customer = customerData.get('customer')() || {};

        isAsking = false;

        if (!isForGuests && !customer.firstname) {
            return;
        }

        if (age(data) >= limit(data)) {
            customerData.reload([SECTION], true);
        }
        maxAge = FRESH;
    }

    /**
     * Once for all parts of a page, and after what the page asks for by itself.
     */
    function ask() {
        if (!isAsking) {
            isAsking = true;
            customerData.getInitCustomerData().done(function () {
                window.setTimeout(refresh, 1000);
            });
        }
    }

    /**
     * Once for a page.
     */
    function watch() {
        var section = customerData.get(SECTION);

        if (!isWatching) {
            isWatching = true;
            section.subscribe(show);
            document.addEventListener('visibilitychange', function () {
                if (document.visibilityState === 'visible') {
                    ask();
                }
            });
        }
        show(section());
        ask();
    }

    /**
     * @param {Object} config - part: badge, figures or invited
     * @param {Element} element
     */
    return function (config, element) {
        if (config.part === 'badge') {
            badge = config;
            store = config.store;
        } else if (config.part === 'invited') {
            invitation = {
                text: config.text,
                element: element
            };
            isForGuests = true;
            maxAge = 0;
        } else {
            maxAge = 0;
        }
        watch();
    };
});
