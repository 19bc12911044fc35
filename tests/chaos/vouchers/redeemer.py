"""Redeems for many members at the same moment, in threads of a process of its own, as the
command `redeem` does; run as a program.

What to do is on its first line of input, as JSON. Begun again it asks for the same again.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bridge.application import Application
from bridge.config import Settings
from bridge.members.finding import member_named
from bridge.vouchers.at_once import bring
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.redeeming import Request, redeem
from bridge.vouchers.stores import store_named


@dataclass(frozen=True)
class Wish:
    email: str
    points: int
    store: str
    id: str


def ask(app: Application, wish: Wish) -> None:
    with app.database.writing() as session:
        secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
        member = member_named(session, app.workspace_id, wish.email)
        store = store_named(session, app.workspace_id, wish.store)
        asked = Request(member, wish.points, store, wish.id)
        voucher = redeem(session, app.workspace_id, secret, asked, app.now()).voucher
    assert voucher.id is not None
    bring(app, voucher.id, wait=0)


def main() -> None:
    told = json.loads(sys.stdin.readline())
    settings = Settings(home=Path(told["home"]), database_url=told["database_url"])
    wishes = [Wish(**one) for one in told["wishes"]]
    with Application.open(settings) as app, ThreadPoolExecutor(told["threads"]) as pool:
        list(pool.map(lambda wish: ask(app, wish), wishes))


if __name__ == "__main__":
    main()
