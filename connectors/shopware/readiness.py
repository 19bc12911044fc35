"""``store check``: what the bridge needs of a Shopware, found out without changing anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from connectors.base import Finding, Severity
from connectors.errors import ConnectorError, Forbidden, NotAShop, Unauthorized
from connectors.sentences import sentence
from connectors.shopware.audiences import Audiences
from connectors.shopware.catalogue import Catalogue
from connectors.shopware.client import ShopwareClient
from connectors.shopware.privileges import granted
from connectors.shopware.proving import proof

OLDEST = (6, 5, 5)
"""The first in which ``_action/sync`` is always one transaction and prices carry what the
bridge relies on."""
_CLOCK_TOLERANCE = timedelta(seconds=60)


def check(client: ShopwareClient, catalogue: Catalogue, audiences: Audiences) -> list[Finding]:
    """A failing probe is a finding, never an error. Without a way in, nothing else is tried."""
    entrance, open_ = _entrance(catalogue)
    if not open_:
        return entrance
    findings = list(entrance)
    probes: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _privileges(client),
        lambda: _clock(client),
        lambda: _admin_worker(client),
        lambda: _priorities(audiences),
        lambda: _stores(catalogue),
        lambda: proof(client),
    )
    for probe in probes:
        try:
            findings += probe()
        except ConnectorError as error:
            findings.append(_failed(error))
    return findings


def _entrance(catalogue: Catalogue) -> tuple[list[Finding], bool]:
    try:
        version = catalogue.version()
    except Unauthorized as refused:
        return [Finding(Severity.ERROR, "credentials", refused.message, refused.advice)], False
    except NotAShop as wrong:
        return [Finding(Severity.ERROR, "url", wrong.message, wrong.advice)], False
    except ConnectorError as error:
        return [_failed(error)], False
    accepted = Finding(Severity.OK, "credentials", sentence("The shop accepts the integration"))
    return [accepted, _version(version)], True


def _version(version: str) -> Finding:
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if numbers >= OLDEST:
        return Finding(Severity.OK, "version", sentence("Shopware %(version)s", version=version))
    needed = ".".join(str(part) for part in OLDEST)
    return Finding(
        Severity.ERROR,
        "version",
        sentence("Shopware %(version)s is older than %(needed)s", version=version, needed=needed),
        sentence("Update the shop to %(needed)s or newer.", needed=needed),
    )


def _privileges(client: ShopwareClient) -> Iterator[Finding]:
    found = granted(client, client.client_id)
    for name in found.missing:
        yield Finding(
            Severity.ERROR,
            "privileges",
            sentence("The integration lacks the privilege %(name)s", name=name),
            sentence(
                "Grant it to the integration's role under Settings > System > Users & "
                "permissions, or make the integration an administrator."
            ),
        )
    for feature, names in found.lacking.items():
        yield Finding(
            Severity.WARNING,
            "privileges",
            sentence(
                "%(feature)s (the integration lacks %(names)s)",
                feature=feature,
                names=", ".join(names),
            ),
            sentence("Grant it to the integration's role, if this is to work."),
        )
    for text in found.trouble:
        yield Finding(Severity.WARNING, "privileges", text)
    if found.unproved and not found.missing:
        yield Finding(
            Severity.NOTE,
            "privileges",
            sentence(
                "Not seen before the first write: %(unproved)s", unproved=", ".join(found.unproved)
            ),
            sentence(
                "Grant integration:read and acl_role:read to let the bridge read its own role."
            ),
        )
    if not found.missing and not found.trouble:
        yield Finding(Severity.OK, "privileges", sentence("Reading and creating are allowed"))


def _clock(client: ShopwareClient) -> Iterator[Finding]:
    offset = client.http.clock_offset
    if offset is None:
        yield Finding(Severity.NOTE, "clock", sentence("The shop does not tell its time"))
    elif abs(offset) > _CLOCK_TOLERANCE:
        seconds = round(abs(offset).total_seconds())
        yield Finding(
            Severity.WARNING,
            "clock",
            sentence("The shop's clock is %(seconds)s s ahead of this one", seconds=seconds)
            if offset > timedelta(0)
            else sentence("The shop's clock is %(seconds)s s behind this one", seconds=seconds),
            sentence("Set both clocks by NTP, or changes may be seen late."),
        )
    else:
        yield Finding(Severity.OK, "clock", sentence("The shop's clock agrees with this one"))


def _admin_worker(client: ShopwareClient) -> Iterator[Finding]:
    enabled = client.admin_worker()
    if enabled is None:
        yield Finding(
            Severity.NOTE, "admin-worker", sentence("The shop does not tell how its queue is run")
        )
    elif enabled:
        yield Finding(
            Severity.WARNING,
            "admin-worker",
            sentence(
                "The shop's queue runs only while someone has the administration open (admin "
                "worker): indexes lag behind, and webhooks are sent once and not repeated"
            ),
            sentence(
                "Switch the admin worker off and run `bin/console messenger:consume` as a "
                "service. Until then prices are indexed as they are written (price_indexing "
                "auto or direct), which takes longer. The bridge polls in any case."
            ),
        )
    else:
        yield Finding(Severity.OK, "admin-worker", sentence("The shop's queue is run by workers"))


def _priorities(audiences: Audiences) -> Iterator[Finding]:
    """The first rule that matches decides: a foreign one above ours hides our prices."""
    rules = audiences.all()
    ours = [rule for rule in rules if rule.ours]
    for mine in ours:
        if not mine.group_ids:
            yield Finding(
                Severity.ERROR,
                "rules",
                sentence(
                    "The conditions of the rule “%(mine_name)s” were changed in the shop",
                    mine_name=mine.name,
                ),
                sentence("Make it hold for its one customer group again."),
            )
        above = [r.name for r in rules if not r.ours and r.priority >= mine.priority]
        if above:
            yield Finding(
                Severity.WARNING,
                "rules",
                sentence(
                    "The priority of “%(mine_name)s” (%(priority)s) is not above that of "
                    "%(above)s: their prices win",
                    mine_name=mine.name,
                    priority=str(mine.priority),
                    above=", ".join(f"“{name}”" for name in above[:5]),
                ),
                sentence("Give it a higher priority under Settings > Rule builder."),
            )


def _stores(catalogue: Catalogue) -> Iterator[Finding]:
    for store in catalogue.shop().stores:
        if not store.currency:
            yield Finding(
                Severity.WARNING,
                "currency",
                sentence("The currency of “%(store_name)s” is not known", store_name=store.name),
            )


def _failed(error: ConnectorError) -> Finding:
    if isinstance(error, Forbidden):
        names = ", ".join(error.privileges) or sentence("a privilege")
        return Finding(
            Severity.ERROR,
            "privileges",
            sentence("The integration lacks %(names)s", names=names),
            error.advice,
        )
    mend = error.advice or sentence("Check the shop's log, then run the check again.")
    return Finding(Severity.ERROR, "reachable", error.message, mend)
