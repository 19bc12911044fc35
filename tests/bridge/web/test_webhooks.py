"""What is taken, what is refused, how it is counted; and that one event counts once."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy.exc import OperationalError

from bridge.installations import removing, service
from bridge.web import create_app, messages
from bridge.web.directory import Directory
from connectors.magento.webhooks import signed_headers

ORDER = "01a203a14aab73138deb7cf6b73bbedc"


def written(order: str = ORDER) -> list[dict[str, str]]:
    return [{"entity": "order", "operation": "update", "primaryKey": order}]


def test_a_message_is_stored_as_a_hint(registered) -> None:
    answer = registered.send(registered.body("order.written", "e1", written()))
    assert (answer.status_code, answer.json) == (202, {})
    (signal,) = registered.bridge.signals()
    assert (signal.event_id, signal.event, signal.state) == ("e1", "order.written", "new")
    assert (signal.entity, json.loads(signal.ids)) == ("order", [ORDER])
    assert signal.installation_id == registered.endpoint.installation_id
    assert signal.received_at == registered.bridge.clock()


def test_both_addresses_take_the_same(registered) -> None:
    body = registered.body()
    answer = registered.send(body)
    assert answer.status_code == 202
    headers = {"shopware-shop-signature": answer.request.headers["shopware-shop-signature"]}
    address = f"/webhooks/{registered.endpoint.token}"
    assert registered.bridge.client.post(address, data=body, headers=headers).status_code == 202
    assert registered.bridge.counts()["replayed"] == 1


def test_the_same_event_again_changes_nothing(registered) -> None:
    for _ in range(3):
        assert registered.send(registered.body("order.written", "e1", written())).status_code == 202
        registered.bridge.clock.wait(seconds=2)  # Shopware's next try has a new timestamp
    assert len(registered.bridge.signals()) == 1
    assert {"accepted": 1, "replayed": 2}.items() <= registered.bridge.counts().items()


def test_one_event_of_two_shops_is_two(registered) -> None:
    registered.send(registered.body(event_id="e1"))
    bridge = registered.bridge
    magento, secret = bridge.share("m2")
    body = json.dumps({"id": "e1", "event": "saved", "entity": "order", "ids": [7]}).encode()
    headers = signed_headers(secret, "e1", body, bridge.clock())
    answer = bridge.client.post(f"/webhooks/{magento.token}", data=body, headers=headers)
    assert answer.status_code == 202
    assert sorted(signal.ids for signal in bridge.signals()) == ['["7"]', "[]"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, "forged"),
        (401, "stale"),
        (400, "unreadable"),
        (413, "oversized"),
    ],
)
def test_what_is_refused_is_counted_and_not_stored(registered, status: int, outcome: str) -> None:
    body, secret = registered.body(), registered.secret
    if outcome == "forged":
        secret = "guessed"
    elif outcome == "stale":
        registered.bridge.clock.wait(minutes=6)
    elif outcome == "unreadable":
        body = b'{"data": '
    else:
        body = b"x" * (messages.BODY_LIMIT + 1)
    answer = registered.send(body, secret=secret)
    assert (answer.status_code, set(answer.json)) == (status, {"error"})
    assert registered.bridge.counts()[outcome] == 1
    assert registered.bridge.signals() == []


def test_an_unsigned_message_is_forged(registered) -> None:
    address = f"/webhooks/{registered.endpoint.token}"
    answer = registered.bridge.client.post(address, data=registered.body())
    assert answer.status_code == 401


def test_unknown_addresses_methods_and_places(registered) -> None:
    client, token = registered.bridge.client, registered.endpoint.token
    assert client.post("/webhooks/unknown", data=b"{}").status_code == 404
    assert client.post(f"/magento/{token}/events", data=b"{}").status_code == 404
    assert client.get("/nothing").status_code == 404
    answer = client.get(f"/webhooks/{token}")
    assert (answer.status_code, set(answer.json)) == (405, {"error"})
    assert "POST" in answer.headers["Allow"]


def test_a_removed_shop_is_told_to_stop_and_its_secrets_are_gone(registered) -> None:
    application = registered.bridge.application
    with application.database.writing() as session:
        shop = service.installation(session, application.workspace_id, "sw")
        removing.remove(
            session, application.workspace_id, shop, keep_in_shop=True, now=application.now()
        )
    fresh = type(registered.bridge)(application, registered.bridge.clock)  # another process
    client = fresh.client
    assert registered.send(client=client).status_code == 410
    assert registered.bridge.endpoint(registered.endpoint.token).secrets == {}
    assert fresh.counts()["removed"] == 1
    registered.bridge.app = fresh.app
    assert registered.ask().status_code == 410
    assert registered.confirm("x").status_code == 410


def test_another_process_hears_of_a_new_secret(registered) -> None:
    """A signature that does not check makes it look again: at once, yet only once a second."""
    bridge = registered.bridge
    seconds = [0.0]
    directory = Directory(bridge.application, seconds=lambda: seconds[0])
    other = create_app(bridge.application, directory=directory).test_client()

    def sent(event_id: str, secret: str = "") -> int:
        body = registered.body(event_id=event_id)
        return registered.send(body, secret=secret, client=other).status_code

    assert sent("a") == 202
    registered.register()
    assert sent("b") == 202
    assert sent("c", "guessed") == 401
    registered.register()
    assert sent("d") == 401
    seconds[0] = 1.0
    assert sent("d") == 202


def test_a_database_that_does_not_answer_asks_to_send_again(registered, monkeypatch) -> None:
    def fails(*_: object) -> bool:
        raise OperationalError("INSERT", {}, Exception("locked"))

    monkeypatch.setattr("bridge.web.webhooks.store_signal", fails)
    assert registered.send().status_code == 503
    assert registered.bridge.counts()["failed"] == 1


def test_a_defect_tells_nobody_what_was_in_the_message(registered, monkeypatch, caplog) -> None:
    def fails(*_: object) -> bool:
        raise KeyError("someone@example.com")

    monkeypatch.setattr("bridge.web.webhooks.store_signal", fails)
    answer = registered.send()
    assert (answer.status_code, set(answer.json)) == (500, {"error"})
    assert "someone@example.com" not in answer.text + caplog.text


def test_no_secret_and_no_body_in_the_log(shop, caplog, capsys) -> None:
    with caplog.at_level(logging.DEBUG):
        shop.register()
        shop.send(shop.body("order.written", "e1", [{"entity": "order", "x": "Vera Verify"}]))
        shop.send(b"Vera Verify", secret="guessed")
        shop.ask()
    printed = capsys.readouterr()
    text = caplog.text + printed.out + printed.err
    assert "takeover" in text and "confirmed" in text
    for hidden in (
        shop.secret,
        shop.endpoint.app_secret,
        shop.endpoint.token,
        "Vera",
        "api-secret",
    ):
        assert hidden not in text


def test_health(bridge, monkeypatch) -> None:
    assert bridge.client.get("/healthz").json == {"status": "ok"}
    assert bridge.client.get("/readyz").json == {"status": "ok"}

    def fails() -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(bridge.application.database, "reading", fails)
    assert bridge.client.get("/healthz").status_code == 200
    assert bridge.client.get("/readyz").status_code == 503


def test_counts_are_added_up_over_days_and_processes(registered) -> None:
    bridge = registered.bridge
    bridge.clock.now = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    registered.send(registered.body(event_id="a"))
    assert bridge.counts()["accepted"] == 1
    bridge.clock.wait(seconds=2)
    registered.send(registered.body(event_id="b"))
    registered.send(registered.body(event_id="c"))
    assert bridge.counts()["accepted"] == 3
    assert bridge.counts()["accepted"] == 3


def test_sixteen_threads_send_one_event(shop_on, database) -> None:
    """The handshake, too, on both databases."""
    shop = shop_on(database)
    shop.register()
    shop.register()
    body = shop.body("order.written", "e1", written())
    together = Barrier(16)

    def send(_: int) -> int:
        client = shop.bridge.client
        together.wait()
        return shop.send(body, client=client).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, range(16))) == {202}
    assert len(shop.bridge.signals()) == 1
    counts = shop.bridge.counts()
    assert (counts["accepted"], counts["replayed"]) == (1, 15)


def test_threads_register_at_once_and_one_secret_holds(shop_on, database) -> None:
    shop = shop_on(database)
    with ThreadPoolExecutor(8) as pool:
        secrets = [answer.json["secret"] for answer in pool.map(lambda _: shop.ask(), range(8))]
        confirmed = list(pool.map(lambda secret: shop.confirm(secret).status_code, secrets))
    assert sorted(confirmed) == [200] + [401] * 7
    good = secrets[confirmed.index(200)]
    for secret in secrets:
        sent = shop.send(shop.body(event_id=secret[:8]), secret=secret)
        assert sent.status_code == (202 if secret == good else 401)
