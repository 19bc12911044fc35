"""``store check``: whether the shop tells the bridge at once what happens in it.

Webhooks are hints; without them everything comes by polls. So nothing here is an error.

What an admin can do about a webhook that the shop switched off is little: neither an update of
the app nor switching the app off and on makes it active again (shopware ``WebhookPersister`` and
``AppStateService`` do not touch ``webhook.active``); its rows go only with the app.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from connectors.base import Finding, Severity
from connectors.errors import ConnectorError, Forbidden, NotFound
from connectors.sentences import sentence
from connectors.shopware.app.manifests import APP_NAME, EVENTS, LIFE_CYCLE, doors
from connectors.shopware.client import ShopwareClient, equals
from connectors.shopware.paging import MAX_LIMIT, Row

TOPIC = "webhooks"
_PRIVILEGES = ("webhook:read", "app:read")
_NAMED = 3
_MAKE = sentence(
    "To hear of orders at once and show customers their points there, make the app with "
    "`loyalty-bridge shopware-app build` and install it in the shop."
)
_INSTALL_ANEW = sentence("Uninstall the app in the shop and install it again.")


def check_webhooks(client: ShopwareClient, address: str) -> list[Finding]:
    """``address``: where the bridge takes this shop's events; empty: no app was made for it.

    Raises nothing: what cannot be seen is a note.
    """
    try:
        rows = _rows(client)
    except Forbidden as refusal:
        names = ", ".join(refusal.privileges or _PRIVILEGES)
        return [
            _note(
                sentence(
                    "Whether the shop sends webhooks cannot be seen (the integration lacks "
                    "%(names)s)",
                    names=names,
                ),
                sentence(
                    "Grant %(privileges)s to the integration's role, to be told when the shop "
                    "switches them off.",
                    privileges=" and ".join(_PRIVILEGES),
                ),
            )
        ]
    except NotFound:
        return [_note(sentence("The shop does not tell of its webhooks"))]
    except ConnectorError as error:
        return [
            _note(
                sentence(
                    "Whether the shop sends webhooks cannot be seen: %(message)s",
                    message=error.message,
                )
            )
        ]
    if not rows:
        return [_not_there(address)]
    found = list(_wrong(rows, address))
    return found or [
        Finding(
            Severity.OK,
            TOPIC,
            sentence("The shop sends its webhooks to %(host)s", host=_host(address)),
        )
    ]


def _rows(client: ShopwareClient) -> list[Row]:
    """Those of the bridge's app; with the app, which knows whether it is switched on."""
    criteria = {
        "filter": [equals("app.name", APP_NAME)],
        "associations": {"app": {}},
        "includes": {
            "webhook": ["id", "eventName", "url", "active", "errorCount", "app"],
            "app": ["active"],
        },
        "limit": MAX_LIMIT,
    }
    return list(client.search("webhook", criteria).rows)


def _not_there(address: str) -> Finding:
    if not address:
        return _note(
            sentence("The shop sends no webhooks: changes are seen with the next poll"), _MAKE
        )
    return _note(
        sentence(
            "The app that tells of changes at once is not installed in the shop: they are "
            "seen with the next poll"
        ),
        sentence(
            "Install the app under Extensions > My extensions. The file is gone? Make it "
            "again with `loyalty-bridge shopware-app build`."
        ),
    )


def _wrong(rows: Sequence[Row], address: str) -> Iterator[Finding]:
    if any(_is_off(row.get("app")) for row in rows):
        yield _warning(
            sentence("The app is switched off in the shop: it sends nothing"),
            sentence("Switch it on under Extensions > My extensions."),
        )
    # A flow's action is a webhook as well (shopware ``WebhookPersister::getWebhooks``).
    right = {address, doors(address).award} if address else set()
    elsewhere = {str(row.get("url")) for row in rows} - right
    if elsewhere:
        yield _misdirected(sorted(elsewhere), address)
        return  # what becomes of messages to somebody else is not ours to judge
    off = [row for row in rows if row.get("active") is False]
    if off:
        yield _warning(
            sentence(
                "The shop switched off %(off)s of %(all)s webhooks, after ten messages "
                "that it could not deliver (%(events)s)",
                off=len(off),
                all=len(rows),
                events=_events(off),
            ),
            sentence(
                "See that the shop reaches %(host)s. %(anew)s Neither updating it nor switching it "
                "off and on brings them back.",
                host=_host(address),
                anew=_INSTALL_ANEW,
            ),
        )
    failing = [row for row in rows if row.get("active") is not False and _failures(row)]
    if failing:
        worst = max(_failures(row) for row in failing)
        yield _warning(
            sentence(
                "The shop could not deliver its last messages (up to %(worst)s in a row: "
                "%(events)s); after ten it switches a webhook off",
                worst=worst,
                events=_events(failing),
            ),
            sentence(
                "See that the shop reaches %(host)s, and `loyalty-bridge webhooks` for what "
                "was refused.",
                host=_host(address),
            ),
        )
    known = {row.get("eventName") for row in rows}
    missing = [event for event in (*EVENTS, *LIFE_CYCLE) if event not in known]
    if missing:
        yield _note(
            sentence(
                "The app in the shop is an older one: it does not tell of %(listed)s",
                listed=_listed(missing),
            ),
            sentence(
                "Make it again with `loyalty-bridge shopware-app build` and update it in the shop."
            ),
        )


def _misdirected(urls: Sequence[str], address: str) -> Finding:
    """Addresses hold what nobody may guess: only their hosts are told."""
    theirs = " and ".join(dict.fromkeys(_host(url) for url in urls))
    if not address:
        found = sentence(
            "The app in the shop is another bridge's: it sends to %(theirs)s", theirs=theirs
        )
    elif theirs == _host(address):
        found = sentence(
            "The shop sends to %(theirs)s, but to an address that is not this store's",
            theirs=theirs,
        )
    else:
        found = sentence(
            "The shop sends to %(theirs)s, but the bridge listens at %(host)s",
            theirs=theirs,
            host=_host(address),
        )
    return _warning(
        found,
        sentence(
            "Make the app again with `loyalty-bridge shopware-app build` and the right "
            "--url; then uninstall the app in the shop and install the new one."
        ),
    )


def _is_off(app: object) -> bool:
    return isinstance(app, dict) and app.get("active") is False


def _failures(row: Row) -> int:
    count = row.get("errorCount")
    return count if isinstance(count, int) else 0


def _events(rows: Sequence[Row]) -> str:
    return _listed(sorted(str(row.get("eventName")) for row in rows))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _note(found: str, mend: str = "") -> Finding:
    return Finding(Severity.NOTE, TOPIC, found, mend)


def _warning(found: str, mend: str) -> Finding:
    return Finding(Severity.WARNING, TOPIC, found, mend)
