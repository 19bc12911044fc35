/*
 * Fills in what the signed-in customer has. Pages may be kept and shown to others, so the numbers
 * are fetched each time. Nothing here is trusted by anybody: the shop's own fields and the bridge
 * decide what points there are.
 */
(function () {
    'use strict';

    var name = 'LoyaltyBridge';
    var places = document.querySelectorAll('[data-loyalty-bridge][data-base]');
    if (!places.length) {
        return;
    }
    var base = places[0].getAttribute('data-base').replace(/\/+$/, '');
    var language = document.documentElement.lang || undefined;

    function shown(field, value) {
        if (typeof value === 'number') {
            return value.toLocaleString(language);
        }
        if (field === 'expiresOn' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
            return new Date(value + 'T12:00:00').toLocaleDateString(language);
        }
        return String(value);
    }

    function isAddress(value) {
        return typeof value === 'string' && /^https?:\/\//.test(value);
    }

    function fill(place, held) {
        place.querySelectorAll('[data-loyalty-bridge-value]').forEach(function (element) {
            var field = element.getAttribute('data-loyalty-bridge-value');
            element.textContent = held[field] ? shown(field, held[field]) : field === 'points' ? '0' : '';
        });
        place.querySelectorAll('[data-loyalty-bridge-with]').forEach(function (element) {
            var field = element.getAttribute('data-loyalty-bridge-with');
            var isThere = /Url$/.test(field) ? isAddress(held[field]) : Boolean(held[field]);
            element.hidden = !isThere;
        });
        place.hidden = false;
    }

    function load() {
        return fetch(base + '/storefront/script/loyalty-bridge-points', {
            cache: 'no-store',
            credentials: 'same-origin',
            headers: { 'X-Requested-With': 'XMLHttpRequest' }
        }).then(function (answer) {
            return answer.ok ? answer.json() : { member: false };
        }).then(function (held) {
            if (held.member) {
                places.forEach(function (place) { fill(place, held); });
            }
            return held;
        });
    }

    /*
     * Signed by the shop; says who the customer is, for ten minutes. Not marked as a request of a
     * script: to that the shop answers 403 here (source: StorefrontSubscriber).
     */
    function token() {
        return fetch(base + '/app-system/' + name + '/generate-token', {
            method: 'POST',
            credentials: 'same-origin'
        }).then(function (answer) {
            if (!answer.ok) {
                throw new Error('no token');
            }
            return answer.json();
        }).then(function (answer) { return answer.token; });
    }

    /* Sent in the body: an address is kept in logs. */
    function open(address) {
        return token().then(function (signed) {
            var form = document.createElement('form');
            var field = document.createElement('input');
            form.method = 'post';
            form.action = address;
            field.type = 'hidden';
            field.name = 'token';
            field.value = signed;
            form.appendChild(field);
            document.body.appendChild(form);
            form.submit();
        });
    }

    function redeem(address, points) {
        return token().then(function (signed) {
            return fetch(address, {
                method: 'POST',
                headers: { 'Authorization': 'Bearer ' + signed, 'Content-Type': 'application/json' },
                body: JSON.stringify({ points: points })
            });
        }).then(function (answer) {
            return answer.json().catch(function () { return {}; }).then(function (told) {
                if (!answer.ok) {
                    /* In the reader's language; null: nobody said why. */
                    throw { said: typeof told.error === 'string' ? told.error : null };
                }
                return told;
            });
        });
    }

    /* 0 points: nothing is taken off any more. */
    function use(form, held, points) {
        var said = form.querySelector('[data-loyalty-bridge="said"]');
        var buttons = form.querySelectorAll('button');
        function say(text) { said.textContent = text; }
        function busy(is) { buttons.forEach(function (button) { button.disabled = is; }); }
        busy(true);
        say('');
        return redeem(held.redeemUrl, points).then(function (told) {
            var name = told.state !== 'done' ? 'data-coming' : points ? 'data-done' : 'data-gone';
            say(said.getAttribute(name).replace('%worth%', told.shown || ''));
            return load().catch(function () { /* It is done all the same. */ });
        }).catch(function (error) {
            say((error && error.said) || said.getAttribute('data-failed'));
        }).then(function () { busy(false); });
    }

    function listen(held) {
        document.querySelectorAll('[data-loyalty-bridge="open"]').forEach(function (button) {
            button.addEventListener('click', function () {
                open(held.memberUrl).catch(function () { window.location.assign(held.memberUrl); });
            });
        });
        document.querySelectorAll('[data-loyalty-bridge="redeem"]').forEach(function (form) {
            var back = form.querySelector('[data-loyalty-bridge="take-back"]');
            form.addEventListener('submit', function (event) {
                event.preventDefault();
                use(form, held, Number(form.elements.points.value));
            });
            if (back) {
                back.addEventListener('click', function () { use(form, held, 0); });
            }
        });
    }

    load().then(listen).catch(function () { /* Without the numbers the page is as it was. */ });
}());
