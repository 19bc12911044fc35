"""The page of the bridge inside a shop's administration: what it shows, and how it is framed.

It only tells. Its reader is somebody whom the shop lets in, and no user of the bridge: what it says
is about this shop alone, nothing can be changed on it, and it needs no cookie, which browsers keep
from frames. The button opens the bridge in a window of its own, where its own sign-in decides, or
where whoever comes from this shop is signed in, if a person said so (:mod:`bridge.web.app_way_in`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, render_template, url_for
from markupsafe import Markup
from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from bridge.application import Application
from bridge.figures.health import ShopHealth, health
from bridge.installations import plugin_states, service
from bridge.installations.endpoints import Endpoint, registrations
from bridge.installations.models import AppRegistration, ShopFacts
from bridge.members.models import Member, MemberCustomer
from bridge.points.models import Account, Holder
from bridge.programme.document import Programme
from bridge.programme.service import in_force
from bridge.users.administrations import Administration, administration_of, name_of
from bridge.web import pages
from bridge.web.admin.health_texts import LEVELS, WEBHOOKS
from bridge.web.admin.health_texts import said as said_remark
from bridge.web.admin.stores.texts import ROLE_NAMES
from bridge.web.speaking import _, speech

STYLE = """\
:root{color-scheme:light;--line:#d1d9e0}
body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:#29333d;background:#f0f2f5}
main{max-width:56rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1rem;margin:1.5rem 0}
dl div{background:#fff;border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem}
dt{font-size:.9rem;color:#52606d}
dd{margin:0;font-size:1.25rem;font-weight:600}
ul{margin:0;padding:0;list-style:none}
li{background:#fff;border:1px solid var(--line);border-left:.3rem solid #b35c00;\
border-radius:.4rem;padding:.6rem 1rem;margin:.5rem 0;overflow-wrap:anywhere}
li.error{border-left-color:#c00}
.small{font-size:.9rem;color:#52606d}
.button{display:inline-block;background:#0b539b;color:#fff;text-decoration:none;font:inherit;\
font-weight:600;border:0;cursor:pointer;padding:.65rem 1.25rem;border-radius:.4rem}
.button:focus-visible{outline:3px solid #1d70b8;outline-offset:3px}
"""
SCRIPT = "window.parent.postMessage('sw-app-loaded', '*');"
"""What the administration waits for, five seconds long (source: ``sw-my-apps-page``). There is
nothing in it, so whoever may frame the page may hear it."""

_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_digest(STYLE)}'; "
    f"script-src 'sha256-{_digest(SCRIPT)}'; base-uri 'none'; "
)


# -- who may frame it -----------------------------------------------------------------------


def framers(found: Endpoint, facts: ShopFacts | None, shop_url: str = "") -> tuple[str, ...]:
    """Origins that the shop's administration may be at: its own address, those it was allowed to
    register by, and those of its stores, since it can be opened at each of them."""
    stores = [str(one.get("url") or "") for one in facts.stores] if facts is not None else []
    origins = (_origin(one) for one in (shop_url, *found.allowed_urls, *stores))
    return tuple(dict.fromkeys(one for one in origins if one))


def _origin(address: str) -> str:
    """Empty for what is none: nothing else gets into the header."""
    try:
        parts = urlsplit(address.lower())
    except ValueError:
        return ""
    is_one = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if is_one else ""


def framed(answer: Response, origins: Iterable[str], sends_to: str = "") -> Response:
    """With the headers of our pages, but for who may frame it: those, and nobody else.

    ``sends_to``: the address that its form may be sent to.
    """
    answer.headers.update(pages.HEADERS)
    who, to = " ".join(origins) or "'none'", _origin(sends_to) or "'none'"
    answer.headers["Content-Security-Policy"] = f"{_POLICY}form-action {to}; frame-ancestors {who}"
    # It knows no list, and where both are sent the policy decides.
    answer.headers.pop("X-Frame-Options", None)
    answer.headers.pop("Vary", None)
    answer.headers["Content-Language"] = speech().language
    return answer


# -- what it shows --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """Of this shop alone."""

    registration: AppRegistration
    facts: ShopFacts | None
    health: ShopHealth
    members: int
    """Who are customers here."""
    points: int
    """That they have: to spend, pending and held back."""
    gifts: int
    """Gift rules of the programme that hold here."""
    by_app: bool
    """It puts them into baskets."""
    administration: Administration | None
    """Who opens the bridge from here is signed in so; ``None``: as nobody."""


def told(session: Session, found: Endpoint, now: datetime) -> Told:
    workspace_id, shop = found.workspace_id, found.installation_id
    states = {one.installation_id: one for one in health(session, workspace_id, now)}
    programme = in_force(session, workspace_id, now)
    return Told(
        registrations(session, workspace_id)[shop],
        service.facts(session, workspace_id).get(shop),
        states[shop],
        *_members_and_points(session, workspace_id, shop),
        _gifts(programme, found.installation),
        plugin_states.gives_gifts(session, workspace_id, shop),
        administration_of(session, workspace_id, shop),
    )


def _members_and_points(session: Session, workspace_id: int, shop: int) -> tuple[int, int]:
    here = (
        col(MemberCustomer.workspace_id) == workspace_id,
        col(MemberCustomer.installation_id) == shop,
    )
    members = session.exec(
        select(func.count(func.distinct(col(MemberCustomer.member_id)))).where(*here)
    ).one()
    ids = select(MemberCustomer.member_id).where(*here)
    companies = select(Member.company_id).where(
        col(Member.workspace_id) == workspace_id,
        col(Member.company_id).is_not(None),
        col(Member.id).in_(ids),
    )
    points = session.exec(
        select(
            func.coalesce(
                func.sum(col(Account.available) + col(Account.pending) + col(Account.reserved)), 0
            )
        ).where(
            col(Account.workspace_id) == workspace_id,
            or_(
                and_(col(Account.holder) == Holder.MEMBER.value, col(Account.holder_id).in_(ids)),
                and_(
                    col(Account.holder) == Holder.COMPANY.value,
                    col(Account.holder_id).in_(companies),
                ),
            ),
        )
    ).one()
    return int(members), int(points)


def _gifts(programme: Programme | None, shop: str) -> int:
    if programme is None:
        return 0
    return sum(gift.is_for(shop) for gift in programme.gifts.values())


def shown(
    app: Application, found: Endpoint, has: Told, origins: Sequence[str], query: bytes
) -> Response:
    """``query``: as the shop signed it. The form sends it on, so a page that stays open all day
    leads in all day."""
    sends_to = way_in(app, found) if has.administration else ""
    plugin = has.facts.plugin if has.facts else None
    body = _page(
        _("Loyalty Bridge"),
        name=found.installation,
        state=str(WEBHOOKS[has.health.webhooks.state]),
        level=str(LEVELS[has.health.level][0]),
        last_event=has.health.webhooks.last_at,
        polled_at=has.health.polled_at,
        version=plugin["version"] if plugin else has.registration.app_version,
        members=has.members,
        points=has.points,
        gifts=has.gifts,
        by_app=has.by_app,
        remarks=[(one.level.value, said_remark(one)) for one in has.health.remarks],
        lines=[],
        bridge=staff_address(app, found, "one_store", store_id=found.installation_id),
        way_in=sends_to,
        query=query.decode("ascii", "replace"),
        who=name_of(found.installation),
        role=ROLE_NAMES[has.administration.role] if has.administration else "",
    )
    return framed(make_response(body), origins, sends_to)


def led(address: str) -> Response:
    return framed(current_app.make_response(redirect(address, 303)), ())


def says(title: str, lines: Sequence[str], status: int, origins: Sequence[str]) -> Response:
    """A page that says one thing, in the frame or in a window of its own."""
    return framed(make_response(_page(title, lines=lines, bridge=""), status), origins)


def staff_address(app: Application, found: Endpoint, page: str, **values: Any) -> str:
    """A page of the web app, which asks for the sign-in where nobody is signed in."""
    return f"{_base(app, found)}{url_for(f'admin.{page}', workspace=app.workspace, **values)}"


def way_in(app: Application, found: Endpoint, door: str = "module") -> str:
    """Where staff is signed in, so where its cookies are."""
    return f"{_base(app, found)}/{found.platform}/{found.token}/{door}"


def _base(app: Application, found: Endpoint) -> str:
    return (app.settings.public_url or found.base_url).rstrip("/")


def _page(title: str, **values: Any) -> str:
    return render_template(
        "shop_page.html",
        title=title,
        style=Markup(STYLE),  # noqa: S704 - constants; the policy knows their digests
        script=Markup(SCRIPT),  # noqa: S704
        **values,
    )
