"""How long each page of the web app and each list of the API takes to answer, for a merchant with a
full book: the request as a whole, from the routing to the rendered page."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlmodel import select

from bridge.api_tokens.scopes import Scope
from bridge.api_tokens.service import make_token
from bridge.application import Application
from bridge.audit.service import Actor
from bridge.config import Settings
from bridge.figures.overview import refresh_figures
from bridge.kit.encryption import generate_key
from bridge.member_sign_in import sessions as members
from bridge.member_sign_in.secrets import address_hash
from bridge.member_sign_in.sessions import Comer
from bridge.members.models import MemberEmail
from bridge.points.models import Entry
from bridge.users.roles import Role
from bridge.users.service import grant, make_user
from bridge.users.sessions import start_session
from bridge.web import create_app
from bridge.web.admin.access import TOKEN
from bridge.workspaces.models import Workspace
from tests.bench.full import ENTRIES, NOW, ORDERS, filled
from tests.bench.points import Merchant

MEDIAN, WORST = 0.3, 1.0
"""Seconds."""
_TIMES = 9
PAGES = (
    "",
    "stores",
    "groups",
    "plan",
    "runs",
    "waiting",
    "members",
    "members?search=member9",
    "members?tier=gold",
    "members/{member}",
    "members/{member}/history",
    "members/{member}/entries/{entry}",
    "members/{member}/vouchers",
    "members/{member}/privacy",
    "privacy",
    "fulfilment",
    "questions",
    "questions/referrals",
    "programme",
    "programme/text",
    "programme/versions",
    "programme/templates",
    "simulate",
    "surveys",
    "surveys/1",
    "surveys/1/answers",
    "surveys/1/answers?standing=promoter&words=yes&handled=no",
    "surveys/1/questions",
    "surveys/1/settings",
    "work",
    "work/inbox",
    "work/deliveries",
    "work/vouchers",
    "work/reconcile",
    "reports",
    "reports/liability.csv",
    "users",
    "settings/limits",
    "settings/retention",
    "settings/tokens",
    "settings/webhooks",
    "settings/letters",
    "settings/terms",
    "settings/backup",
    "work/letters",
    "audit",
)
MEMBERS_OWN = (
    "",
    "history",
    "prices",
    "privacy",
    "redeem",
    "rewards",
    "surveys",
    "terms",
    "vouchers",
)
"""Signed in as one of them."""
API = (
    "members",
    "members?search=member9",
    "members/{member}",
    "members/{member}/points",
    "members/{member}/entries",
    "vouchers",
)


@dataclass(frozen=True)
class Timed:
    address: str
    median: float
    worst: float

    @property
    def is_too_slow(self) -> bool:
        return self.median > MEDIAN or self.worst > WORST


@dataclass(frozen=True)
class Measured:
    kind: str
    members: int
    timed: tuple[Timed, ...]


def measure(kind: str, members: int) -> Measured:
    with filled(kind, members) as full, _open(full) as (app, client, headers):
        place = _somebody(full)
        timed = [
            *(_timed(f"/w/{app.workspace}/{one}".format(**place), client.get) for one in PAGES),
            _timed("/fleet", client.get),
            *(_timed(f"/m/{app.workspace}/{one}", client.get) for one in MEMBERS_OWN),
            *(
                _timed(
                    f"/api/v1/{one}".format(**place),
                    lambda address: client.get(address, headers=headers),
                )
                for one in API
            ),
        ]
        return Measured(kind, members, tuple(timed))


def lines(measured: Measured) -> list[str]:
    head = (
        f"pages on {measured.kind}: {measured.members:,} members, "
        f"{measured.members * ORDERS:,} orders, {measured.members * ENTRIES:,} entries"
    )
    return [
        head,
        f"  {'':<44}{'median':>10}{'worst':>10}",
        *(
            f"  {one.address:<44}{one.median * 1000:>7,.0f} ms{one.worst * 1000:>7,.0f} ms"
            + ("  too slow" if one.is_too_slow else "")
            for one in measured.timed
        ),
    ]


def record(measured: Measured) -> dict[str, Any]:
    return asdict(measured)


@contextmanager
def _open(full: Merchant) -> Iterator[tuple[Application, FlaskClient, dict[str, str]]]:
    with tempfile.TemporaryDirectory() as home, full.database.reading() as session:
        workspace = session.exec(select(Workspace.key)).one()
        settings = Settings(home=Path(home), keys=generate_key(), workspace=workspace)  # type: ignore[arg-type]
        app = Application(settings, full.database, full.workspace, now=lambda: NOW)
        refresh_figures(full.database, full.workspace, NOW)
        client = create_app(app).test_client()
        with full.database.writing() as writing:
            user = make_user(writing, "owner@example.com", "Owner", "", NOW)
            assert user.id is not None
            grant(writing, full.workspace, user.id, Role.OWNER, "the benchmark", NOW)
            token = start_session(writing, user.id, NOW)
            made = make_token(writing, full.workspace, "bench", Scope, Actor("the benchmark"), NOW)
            email = writing.exec(
                select(MemberEmail.email).where(
                    MemberEmail.member_id == 1, MemberEmail.is_confirmed
                )
            ).one()
            his = Comer(1, address_hash(full.workspace, email))
            member = members.start_session(writing, full.workspace, his, NOW)
        client.set_cookie(f"member-{full.workspace}", member)
        with client.session_transaction() as cookie:
            cookie[TOKEN] = token
        yield app, client, {"Authorization": f"Bearer {made.token}"}


def _somebody(full: Merchant) -> dict[str, int | None]:
    """A member in the middle, and one of his entries."""
    with full.database.reading() as session:
        entry = session.exec(
            select(Entry).where(Entry.workspace_id == full.workspace).limit(1)
        ).one()
        return {"member": 1, "entry": entry.id}


def _timed(address: str, ask: Callable[[str], Any]) -> Timed:
    answered = ask(address)
    if answered.status_code != 200:
        raise RuntimeError(f"{address} was answered with {answered.status_code}")
    taken = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        ask(address).get_data()
        taken.append(time.perf_counter() - began)
    return Timed(address, statistics.median(taken), max(taken))
