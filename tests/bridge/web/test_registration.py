"""A shop registers, renews its secret, moves, leaves and comes back; nobody else does so for it."""

from __future__ import annotations

import pytest

from bridge.installations import app_registration, endpoints, service
from bridge.installations.models import AppState
from connectors.webhooks import signature


def state_of(shop) -> str:
    application = shop.bridge.application
    with application.database.reading() as session:
        found = endpoints.registrations(session, application.workspace_id)
    return found[shop.endpoint.installation_id].state


def test_a_shop_registers_and_is_heard(shop) -> None:
    assert state_of(shop) == AppState.OFFERED
    answer = shop.ask()
    assert set(answer.json) == {"proof", "secret", "confirmation_url"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["confirmation_url"] == shop.endpoint.address("confirm")
    secret = answer.json["secret"]
    assert len(secret) == 64

    # Not before the confirmation.
    assert shop.send(secret=secret).status_code == 401
    assert shop.confirm(secret).status_code == 200
    assert shop.send(secret=secret).status_code == 202
    assert state_of(shop) == AppState.ACTIVE
    stored = shop.bridge.endpoint(shop.endpoint.token).secrets
    assert (stored["api_key"], stored["api_secret"]) == ("api-key", "api-secret")


def test_every_registration_gets_a_secret_of_its_own(shop) -> None:
    first, second = shop.ask().json["secret"], shop.ask().json["secret"]
    assert first != second
    assert shop.confirm(first).status_code == 401
    assert shop.confirm(second).status_code == 200


def test_a_confirmation_whose_answer_was_lost_may_come_again(shop) -> None:
    secret = shop.ask().json["secret"]
    assert shop.confirm(secret).status_code == 200
    assert shop.confirm(secret).status_code == 200
    assert shop.confirm(secret, api_key="another").status_code == 401


def test_no_confirmation_without_a_request_or_too_late(shop) -> None:
    assert shop.confirm("").status_code == 401
    secret = shop.ask().json["secret"]
    shop.bridge.clock.wait(minutes=11)
    assert shop.confirm(secret).status_code == 401


def test_a_request_not_signed_for_the_app_is_forged(shop) -> None:
    answer = shop.ask(app_secret="guessed")
    assert (answer.status_code, set(answer.json)) == (401, {"error"})
    assert shop.bridge.counts() == {"forged": 1}


def test_who_knows_only_the_apps_secret_cannot_take_a_registered_shop_over(registered) -> None:
    """CVE-2026-31889."""
    stranger_id = registered.shop_id
    for signed_with in ("", registered.endpoint.app_secret, "guessed"):
        answer = registered.ask(signed_with=signed_with)
        assert answer.status_code == 401
        assert "secret" not in answer.json
        assert "shopware-app release sw" in answer.json["error"]
    # Nor under another id, or from another address.
    registered.shop_id = "S2"
    assert registered.ask().status_code == 401
    registered.shop_id = stranger_id
    assert registered.ask(url="https://evil.example").status_code == 401
    assert registered.bridge.counts()["takeover"] == 5
    assert registered.send().status_code == 202


def test_the_old_secret_is_good_for_one_more_minute(registered) -> None:
    old = registered.secret
    asked = registered.ask(signed_with=old).json["secret"]
    clock = registered.bridge.clock
    # The old one stays until the new one is confirmed, however long that takes.
    clock.wait(minutes=9)
    assert registered.send(registered.body(event_id="a"), secret=old).status_code == 202
    assert registered.confirm(asked, previous=old).status_code == 200
    clock.wait(seconds=59)
    assert registered.send(registered.body(event_id="b"), secret=old).status_code == 202
    assert registered.send(registered.body(event_id="c"), secret=asked).status_code == 202
    clock.wait(seconds=1)
    assert registered.send(registered.body(event_id="d"), secret=old).status_code == 401
    assert registered.send(registered.body(event_id="d"), secret=asked).status_code == 202


def test_the_old_secret_does_not_register_again(registered) -> None:
    old = registered.secret
    registered.register()
    assert registered.ask(signed_with=old).status_code == 401


def test_a_confirmation_signed_by_another_shop_is_refused(registered) -> None:
    asked = registered.ask(signed_with=registered.secret).json["secret"]
    assert registered.confirm(asked, previous="another").status_code == 401
    assert registered.confirm(asked, previous=registered.secret).status_code == 200


def test_an_app_that_was_deleted_may_be_installed_anew(registered) -> None:
    old = registered.secret
    clock = registered.bridge.clock
    assert registered.send(registered.body("app.deleted", "gone")).status_code == 202
    assert state_of(registered) == AppState.DELETED
    # Its secrets are void at once, and gone.
    assert registered.send(registered.body(event_id="late"), secret=old).status_code == 401
    assert set(registered.bridge.endpoint(registered.endpoint.token).secrets) == {"app"}
    clock.wait(seconds=5)
    registered.secret = ""
    assert registered.register() != old
    assert state_of(registered) == AppState.ACTIVE


@pytest.mark.parametrize("foreign", [{"shop_id": "S2"}, {"url": "https://staging.example"}])
def test_a_copy_of_the_shop_does_not_end_the_registration(registered, foreign) -> None:
    """A staging system from a copy of the database holds the same secret."""
    mine = {name: getattr(registered, name) for name in foreign}
    vars(registered).update(foreign)
    assert registered.send(registered.body("app.deleted", "copy")).status_code == 202
    vars(registered).update(mine)
    assert state_of(registered) == AppState.ACTIVE
    assert registered.send(registered.body(event_id="next")).status_code == 202


def test_a_late_farewell_does_not_end_the_next_registration(registered) -> None:
    old = registered.secret
    farewell = registered.body("app.deleted", "late")
    registered.register()
    assert registered.send(farewell, secret=old).status_code == 202
    assert state_of(registered) == AppState.ACTIVE
    assert registered.send().status_code == 202


def test_an_app_that_is_switched_off_and_on(registered) -> None:
    for number, (event, state) in enumerate(
        [
            ("app.deactivated", AppState.INACTIVE),
            ("app.updated", AppState.INACTIVE),
            ("app.activated", AppState.ACTIVE),
            ("app.updated", AppState.ACTIVE),
        ]
    ):
        assert registered.send(registered.body(event, f"life{number}")).status_code == 202
        assert state_of(registered) == state


def test_the_admin_lets_a_shop_register_that_lost_its_secret(registered) -> None:
    application = registered.bridge.application
    with application.database.writing() as session:
        app_registration.release(
            session,
            application.workspace_id,
            registered.endpoint.installation_id,
            application.keyring,
            application.now(),
        )
    registered.secret = ""
    registered.register()
    assert registered.send().status_code == 202


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://shop.example/", 200),
        ("http://SHOP.example", 200),
        ("https://shop.example:443", 200),
        ("https://shop.example.evil.example", 403),
        ("https://evil.example/https://shop.example", 403),
        ("https://shop.example@evil.example", 403),
        ("https://shop.example:8443", 403),
        ("https://shop.example/other", 403),
        ("nonsense", 403),
    ],
)
def test_only_the_shop_that_was_connected_registers(shop, url: str, status: int) -> None:
    assert shop.ask(url=url).status_code == status


def test_names_of_this_machine_are_one_and_another_address_can_be_allowed(bridge, shop) -> None:
    application = bridge.application
    with application.database.writing() as session:
        installation = shop.endpoint.installation_id
        service.set_url(session, application.workspace_id, installation, "http://localhost:8000")
    for url, status in (("http://127.0.0.1:8000", 200), ("http://10.0.0.7", 403)):
        assert shop.ask(url=url).status_code == status
    bridge.offer("sw", shop_address="http://10.0.0.7")
    assert shop.ask(url="http://10.0.0.7").status_code == 200


def test_a_shop_that_moved_registers_once_the_admin_has_told_the_address(registered) -> None:
    registered.url = "https://new.example"
    assert registered.ask(signed_with=registered.secret).status_code == 403
    application = registered.bridge.application
    with application.database.writing() as session:
        installation = registered.endpoint.installation_id
        service.set_url(session, application.workspace_id, installation, "https://new.example")
    registered.register()
    assert registered.send().status_code == 202


def test_offering_again_keeps_address_and_secrets(registered) -> None:
    again = registered.bridge.offer("sw", base_url="https://other.example")
    assert again.token == registered.endpoint.token
    assert again.app_secret == registered.endpoint.app_secret
    assert again.present == registered.secret
    assert again.address("confirm").startswith("https://other.example/shopware/")


def test_the_address_and_the_platform_must_fit(shop) -> None:
    client = shop.bridge.client
    token = shop.endpoint.token
    assert client.get(f"/magento/{token}/register").status_code == 404
    assert client.get("/shopware/unknown/register").status_code == 404
    assert client.post(f"/shopware/{token}/register").status_code == 405
    assert client.get(f"/shopware/{token}/confirm").status_code == 405
    assert client.post("/magento/unknown/confirm").status_code == 404


def test_an_altered_query_is_forged_even_where_it_means_the_same(shop) -> None:
    query = f"shop-id=S1&shop-url=https://shop.example&timestamp={shop.seconds}"
    made = signature(shop.endpoint.app_secret, query.encode())
    for asked, status in ((query, 200), (query.replace(":", "%3A"), 401), (query + "&x=1", 401)):
        answer = shop.bridge.client.get(
            f"/shopware/{shop.endpoint.token}/register",
            query_string=asked,
            headers={"shopware-app-signature": made},
        )
        assert answer.status_code == status, asked


def test_a_secret_told_by_hand_is_renewed_with_a_minutes_grace(bridge) -> None:
    found, old = bridge.share("m2")
    assert bridge.share("m2") == (found, "")
    again, new = bridge.share("m2", renew=True)
    assert (again.token, len(new)) == (found.token, 64)
    bridge.clock.wait(seconds=59)
    assert again.accepted(bridge.clock()) == (new, old)
    bridge.clock.wait(seconds=1)
    assert again.accepted(bridge.clock()) == (new,)
    # Renewed twice, the first one is good for nothing at once.
    third = bridge.share("m2", renew=True)[0]
    assert old not in third.accepted(bridge.clock())
