"""`store check`: every shop probed at once; a shop that is down is a finding like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bridge.installations import endpoints
from bridge.installations.address import is_in_the_open
from bridge.installations.answering import Answer, answers
from bridge.installations.models import AppRegistration, AppState, Installation
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Task
from connectors.base import Connector, Finding, Platform, Severity, ShopInfo
from connectors.errors import ConnectorError, Forbidden, Unauthorized
from connectors.plugins import Plugin, plugin_of
from connectors.sentences import joined, sentence, text_of
from connectors.webhooks import ChecksWebhooks

_AT_ONCE = 8
TRANSPORT = "transport"
WEBHOOKS = "webhooks"
PLUGIN = "plugin"
_WORST_LAST = list(Severity)
_NOT_REGISTERED = (AppState.OFFERED, AppState.DELETED)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out about one installation."""

    installation: Installation
    findings: tuple[Finding, ...]
    info: ShopInfo | None
    """What the shop told about itself; ``None`` when it could not be asked."""
    plugin: Plugin | None = None
    """What of the bridge's is installed in the shop."""

    @property
    def worst(self) -> Severity:
        found = [finding.severity for finding in self.findings]
        return max(found, key=_WORST_LAST.index, default=Severity.OK)


def check_all(
    installations: Sequence[Installation],
    connect: Callable[[Installation], Connector],
    platform: Callable[[Installation], Platform],
    registered: Mapping[int, AppRegistration],
    progress: Task,
) -> list[Report]:
    """One report each, in the order given. ``registered``: see
    :func:`bridge.installations.endpoints.registrations`. Raises nothing for a shop that does
    not answer."""

    def check(installation: Installation) -> Report:
        row = registered.get(installation.id or 0)
        report = check_one(installation, connect, platform, row)
        progress.advance()
        return report

    with ThreadPoolExecutor(min(_AT_ONCE, len(installations) or 1)) as pool:
        return list(pool.map(check, installations))


def check_one(
    installation: Installation,
    connect: Callable[[Installation], Connector],
    platform: Callable[[Installation], Platform],
    registration: AppRegistration | None = None,
) -> Report:
    findings: list[Finding] = []
    info: ShopInfo | None = None
    plugin: Plugin | None = None
    try:
        findings += about_settings(platform(installation), installation)
        connector = connect(installation)
        try:
            findings = _joined(findings, connector.check())
            info = connector.shop()
            findings += about_promotions(connector, installation)
            plugin = plugin_of(connector)
            findings += about_plugin(plugin)
            if isinstance(connector, ChecksWebhooks):
                findings += about_webhooks(connector, installation, registration)
        finally:
            connector.close()
    except (ConnectorError, BridgeError, UnreadableSecret) as error:
        findings += _not_said_yet(error, findings)
    return Report(installation, tuple(findings), info, plugin)


def about_webhooks(
    connector: ChecksWebhooks, installation: Installation, registration: AppRegistration | None
) -> list[Finding]:
    """What the shop says it sends, held against what the bridge takes."""
    address = endpoints.events_address(registration, installation) if registration else ""
    findings = connector.check_webhooks(address)
    sends = all(finding.severity is Severity.OK for finding in findings)
    if registration is None or not sends or registration.state not in _NOT_REGISTERED:
        return findings
    return [
        Finding(
            Severity.WARNING,
            WEBHOOKS,
            sentence(
                "The shop sends webhooks, and the bridge refuses them: its app is not "
                "registered here"
            ),
            sentence("Uninstall the app in the shop and install it again."),
        )
    ]


def about_promotions(connector: Connector, installation: Installation) -> list[Finding]:
    """Nothing where the shop can have them: its own probes say whether they may be made."""
    if connector.promotions is not None:
        return []
    return [
        Finding(
            Severity.NOTE,
            "promotions",
            sentence(
                "Vouchers, gifts and discounts cannot be had in this shop: the connector for "
                "%(platform)s makes no promotions",
                platform=installation.platform,
            ),
            sentence("Points are earned here, and redeemed in other stores."),
        )
    ]


def about_plugin(plugin: Plugin | None) -> list[Finding]:
    """Nothing where there is none: everything works without it, too."""
    if plugin is None:
        return []
    if plugin.puts_gifts_in:
        found = sentence(
            "The bridge's plugin in the shop (%(version)s) can put gifts into baskets",
            version=plugin.version,
        )
        return [Finding(Severity.OK, PLUGIN, found)]
    if plugin.is_active:
        found = sentence(
            "The bridge's plugin in the shop (%(version)s) puts no gifts into baskets: it is an "
            "older one, or the bridge may not tell it the rules",
            version=plugin.version,
        )
        mend = sentence(
            "Update it. In Shopware, grant system_config:read, system_config:create, "
            "system_config:update and system_config:delete to the integration's role."
        )
        return [Finding(Severity.NOTE, PLUGIN, found, mend)]
    found = sentence(
        "The bridge's plugin in the shop (%(version)s) is switched off: gifts that it puts into "
        "baskets are not given",
        version=plugin.version,
    )
    mend = sentence(
        "Switch it on; or run `loyalty-bridge pull` and `loyalty-bridge apply`: then the shop's "
        "own promotions give them."
    )
    return [Finding(Severity.WARNING, PLUGIN, found, mend)]


def about_settings(platform: Platform, installation: Installation) -> list[Finding]:
    """What the bridge itself knows, without asking the shop."""
    findings = []
    if is_in_the_open(installation.url):
        findings.append(
            Finding(
                Severity.WARNING,
                TRANSPORT,
                sentence(
                    "%(url)s is not encrypted: others on the way can read the credentials.",
                    url=installation.url,
                ),
                sentence(
                    "Use https: `loyalty-bridge store set %(installation_name)s --url https://…`.",
                    installation_name=installation.name,
                ),
            )
        )
    findings += [
        _about_answer(answer, installation) for answer in answers(platform, installation.settings)
    ]
    return findings


def _about_answer(answer: Answer, installation: Installation) -> Finding:
    found = joined(answer.text, answer.question.text)
    if not answer.assumed:
        return Finding(Severity.OK, "settings", found)
    others = "|".join(answer.question.choices) or "VALUE"
    return Finding(
        Severity.NOTE,
        "settings",
        found,
        sentence(
            "Nobody has told yet: `loyalty-bridge store set %(installation_name)s "
            "%(question_name)s=%(others)s`.",
            installation_name=installation.name,
            question_name=answer.question.name,
            others=others,
        ),
    )


def _joined(own: list[Finding], platforms: list[Finding]) -> list[Finding]:
    """Without the bridge's word on the way to the shop, where the platform has its own."""
    said = {finding.topic for finding in platforms}
    return [
        finding for finding in own if finding.topic != TRANSPORT or TRANSPORT not in said
    ] + platforms


def _not_said_yet(error: Exception, findings: Sequence[Finding]) -> list[Finding]:
    """The error as a finding, unless a probe has reported the same trouble already."""
    if any(finding.severity is Severity.ERROR for finding in findings):
        return []
    topic = "connection"
    if isinstance(error, Unauthorized | UnreadableSecret):
        topic = "credentials"
    elif isinstance(error, Forbidden):
        topic = "privileges"
    return [Finding(Severity.ERROR, topic, text_of(error))]
