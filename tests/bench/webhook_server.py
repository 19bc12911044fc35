"""A server to send webhooks to, in a process of its own: the bridge's, or a bare one.

The bare one is :func:`bare_route`: a Flask route that checks the signature and inserts the
message's event, each in a transaction of its own, and answers. It knows one secret, looks nothing
up, tells repetitions by the table's unique key, counts nothing and wakes nobody. Both are served
by :func:`bridge.web.serving.serve` over the same kind of database.

Prints where it listens, and ends when its input does.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, request
from sqlalchemy import insert

from bridge import logging
from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database
from bridge.inbox.models import StoredSignal
from bridge.installations import app_registration, service
from bridge.installations.service import NewInstallation
from bridge.kit.encryption import generate_key
from bridge.web.app import COUNTING, create_app
from bridge.web.counting import Counting
from bridge.web.serving import serve
from bridge.workspaces.service import ensure_workspace, workspace_id
from connectors.webhooks import signature

SHOP = "https://shop.example"
SIGNATURE = "shopware-shop-signature"


def bare_route(
    database: Database, workspace: int, shop: int, secret: str
) -> Callable[[], Response]:
    """The baseline."""

    def receive() -> Response:
        body = request.get_data()
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get(SIGNATURE, "")):
            return Response(status=401)
        message = json.loads(body)
        rows = message["data"]["payload"]
        with database.writing() as session:
            session.connection().execute(
                insert(StoredSignal),
                {
                    "workspace_id": workspace,
                    "installation_id": shop,
                    "event_id": message["source"]["eventId"],
                    "event": message["data"]["event"],
                    "entity": "order",
                    "ids": json.dumps([row["primaryKey"] for row in rows]),
                    "sent_at": datetime.fromtimestamp(message["timestamp"], UTC),
                    "received_at": datetime.now(UTC),
                    "state": "new",
                },
            )
        return Response("{}", 202, content_type="application/json")

    return receive


def main(kind: str, home: Path, url: str) -> None:
    logging.configure("error")
    database = Database(url)
    now = datetime.now(UTC)
    with database.writing() as session:
        ensure_workspace(session, "bench", now)
        workspace = workspace_id(session, "bench")
    app = Application(
        Settings(home=home, keys=generate_key(), workspace="bench"),
        database,
        workspace,
        now=lambda: datetime.now(UTC),
    )
    with database.writing() as session:
        new = NewInstallation("shop", "shopware", SHOP, {"key": "x"}, {})
        service.add(session, workspace, new, app.keyring().encrypt, now)
        shop = service.installation(session, workspace, "shop")
        assert shop.id is not None
        endpoint = app_registration.offer(
            session, shop, app.keyring, now, base_url="https://bridge.example"
        )
    web = create_app(app)
    secret = _register(web, endpoint.token, endpoint.app_secret)
    path = f"/webhooks/{endpoint.token}"
    if kind == "bare":
        web = Flask("bare")
        web.extensions[COUNTING] = Counting(app)
        web.post(path)(bare_route(database, workspace, shop.id, secret))
    with serve(web) as serving:
        told = {"port": serving.port, "path": path, "secret": secret}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    database.close()


def _register(web: Flask, token: str, app_secret: str) -> str:
    """As a shop does (recorded: app_system.json)."""
    client, seconds = web.test_client(), int(datetime.now(UTC).timestamp())
    query = f"shop-id=S1&shop-url={SHOP}&timestamp={seconds}"
    asked = client.get(
        f"/shopware/{token}/register",
        query_string=query,
        headers={"shopware-app-signature": signature(app_secret, query.encode())},
    )
    secret: str = (asked.json or {})["secret"]
    body = json.dumps(
        {
            "apiKey": "key",
            "secretKey": "secret",
            "timestamp": str(seconds),
            "shopUrl": SHOP,
            "shopId": "S1",
        }
    ).encode()
    confirmed = client.post(
        f"/shopware/{token}/confirm", data=body, headers={SIGNATURE: signature(secret, body)}
    )
    if confirmed.status_code != 200:
        raise RuntimeError(f"The shop could not register: {confirmed.text}")
    return secret


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
