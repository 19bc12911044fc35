"""What somebody with a database client did, and what reconciliation should say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from corrupted import NEVER, Merchant
from ledger_world import line, order, refund

from bridge.balances.models import ShownBalance
from bridge.balances.pushing import text_of
from connectors.sales import Balance

COPY = (
    "INSERT INTO entries (workspace_id, account_id, lot_id, debit, credit, points, effect,"
    " installation_id, source_kind, source_id, source_line, revision, rule, programme_number,"
    " occurred_at, posted_at, why) SELECT workspace_id, account_id, {lot}, debit, {credit}, points,"
    " effect, installation_id, source_kind, source_id, source_line, {revision}, rule,"
    " programme_number, occurred_at, posted_at, why FROM entries WHERE id = {id}"
)


@dataclass(frozen=True)
class Seed:
    name: str
    check: str
    """That must be among the findings."""
    does: Callable[[Merchant], None]
    cause: str = ""
    """What the cause says."""
    restores: bool = True
    """Whether everything is as it was before, once it is repaired."""


def earned(order_id: str, effect: str = "earn", rule: str = "base", line_: str = "a") -> str:
    return (
        f"(SELECT min(id) FROM entries WHERE workspace_id = :w AND source_kind = 'order' AND"
        f" source_id = '{order_id}' AND effect = '{effect}'"
        + (f" AND rule = '{rule}' AND source_line = '{line_}'" if effect != "ripen" else "")
        + ")"
    )


def lot(source_id: str, kind: str = "order") -> str:
    return (
        f"(SELECT id FROM lots WHERE workspace_id = :w AND source_kind = '{kind}'"
        f" AND source_id = '{source_id}')"
    )


def account(member: int) -> str:
    return (
        f"(SELECT id FROM accounts WHERE workspace_id = :w AND holder = 'member'"
        f" AND holder_id = {member})"
    )


def sql(statement: str) -> Callable[[Merchant], None]:
    return lambda merchant: merchant.sql(statement)


def tamper(*statements: str) -> Callable[[Merchant], None]:
    return lambda merchant: merchant.tamper(*statements)


def _both(merchant: Merchant) -> None:
    merchant.sql(
        f"UPDATE accounts SET available = available + 500 WHERE id = {account(merchant.bo)}"
    )
    merchant.sql(f"UPDATE lots SET available = available + 500 WHERE id = {lot('101')}")


def _raised_alike(merchant: Merchant) -> None:
    merchant.tamper(f"UPDATE entries SET points = points + 500 WHERE id = {earned('102')}")
    merchant.sql(f"UPDATE lots SET pending = pending + 500 WHERE id = {lot('102')}")
    merchant.sql(f"UPDATE accounts SET pending = pending + 500 WHERE id = {account(merchant.ada)}")


def _last_posting_gone(merchant: Merchant) -> None:
    """What was taken from Dee."""
    merchant.tamper(
        "DELETE FROM entries WHERE workspace_id = :w AND source_kind = 'adjustment'"
        " AND source_id = 'dee-out'"
    )


def _lot_elsewhere(merchant: Merchant) -> None:
    merchant.sql(f"UPDATE lots SET account_id = {account(merchant.bo)} WHERE id = {lot('102')}")


def _entry_elsewhere(merchant: Merchant) -> None:
    merchant.tamper(
        f"UPDATE entries SET account_id = {account(merchant.bo)} WHERE id = {earned('103')}"
    )


def _fake_gift(merchant: Merchant) -> None:
    merchant.sql(
        "INSERT INTO entries (workspace_id, account_id, lot_id, debit, credit, points, effect,"
        " installation_id, source_kind, source_id, source_line, revision, rule, occurred_at,"
        f" posted_at, why) SELECT workspace_id, account_id, id, 'adjusted', 'available', 999,"
        " 'adjust', 0, 'adjustment', 'fake', '', 0, '', earned_at, earned_at, '{}'"
        f" FROM lots WHERE id = {lot('101')}"
    )


def _missed_refund(merchant: Merchant) -> None:
    now = merchant.ledger.now
    back = refund("late", ("a", 1, 80), at=now)
    later = replace(
        order("102", line("a", 80), placed=merchant.placed("102")), refunds=(back,), changed_at=now
    )
    merchant.comes(later, handle=False)
    merchant.sql("UPDATE inbox SET state = 'handled' WHERE workspace_id = :w AND state = 'queued'")


def _order_gone(order_id: str) -> Callable[[Merchant], None]:
    return sql(f"DELETE FROM orders WHERE workspace_id = :w AND order_id = '{order_id}'")


def _order(order_id: str, values: str) -> Callable[[Merchant], None]:
    return sql(f"UPDATE orders SET {values} WHERE workspace_id = :w AND order_id = '{order_id}'")


def _dates(source: str, column: str, kind: str = "order") -> Callable[[Merchant], None]:
    return lambda merchant: merchant.sql(
        f"UPDATE lots SET {column} = :never WHERE id = {lot(source, kind)}", never=NEVER
    )


def _other_member(merchant: Merchant) -> None:
    merchant.sql(
        "UPDATE orders SET member_id = :m WHERE workspace_id = :w AND order_id = '103'",
        m=merchant.bo,
    )


def _other_account(merchant: Merchant) -> None:
    merchant.sql(
        f"UPDATE orders SET account_id = {account(merchant.bo)}"
        " WHERE workspace_id = :w AND order_id = '103'"
    )


def _other_binding(merchant: Merchant) -> None:
    merchant.sql(
        "UPDATE member_customers SET member_id = :m WHERE workspace_id = :w AND customer_id = 'c3'",
        m=merchant.bo,
    )


def _merged(merchant: Merchant) -> None:
    merchant.sql(
        "UPDATE members SET merged_into = :bo WHERE id = :cy", bo=merchant.bo, cy=merchant.cy
    )


def _left_behind(merchant: Merchant) -> None:
    _merged(merchant)
    merchant.sql(
        "UPDATE members SET merged_at = :t WHERE id = :cy", t=merchant.ledger.now, cy=merchant.cy
    )


def _cursor_ahead(merchant: Merchant) -> None:
    merchant.sql(
        "UPDATE cursors SET mark_at = :t WHERE workspace_id = :w AND installation_id = :i",
        t=merchant.ledger.now + timedelta(days=3),
        i=merchant.ledger.shops[0],
    )


def _shown(merchant: Merchant) -> None:
    with merchant.database.writing() as session:
        session.add(
            ShownBalance(
                installation_id=merchant.ledger.shops[0],
                customer_id="c3",
                workspace_id=merchant.workspace,
                member_id=merchant.cy,
                is_due=False,
                shown=text_of(Balance(7, 7)),
            )
        )


def _no_guard(merchant: Merchant) -> None:
    merchant.sql(
        "DROP TRIGGER entries_are_never_changed"
        + ("" if merchant.database.is_sqlite else " ON entries")
    )


SEEDS = (
    Seed(
        "account raised",
        "account-balance",
        lambda m: m.sql(
            f"UPDATE accounts SET available = available + 500 WHERE id = {account(m.ada)}"
        ),
        "row was changed",
    ),
    Seed(
        "pending points of an account taken",
        "account-balance",
        lambda m: m.sql(f"UPDATE accounts SET pending = 0 WHERE id = {account(m.ada)}"),
        "row was changed",
    ),
    Seed(
        "debt made up",
        "account-balance",
        lambda m: m.sql(f"UPDATE accounts SET debt = 10 WHERE id = {account(m.cy)}"),
        "row was changed",
    ),
    Seed(
        "lot emptied",
        "lot-balance",
        sql(f"UPDATE lots SET available = 0 WHERE id = {lot('101')}"),
        "row was changed",
    ),
    Seed("account and lot raised alike", "account-balance", _both, "both rows were changed alike"),
    Seed(
        "earning deleted",
        "lot-balance",
        tamper(f"DELETE FROM entries WHERE id = {earned('101')}"),
        "deleted",
    ),
    Seed(
        "ripening deleted",
        "lot-balance",
        tamper(f"DELETE FROM entries WHERE id = {earned('101', 'ripen')}"),
        "changed or deleted",
    ),
    Seed(
        "taking back deleted",
        "order-points",
        tamper(f"DELETE FROM entries WHERE id = {earned('100', 'take_back', line_='b')}"),
        "took back is gone",
    ),
    Seed(
        "points of an entry raised",
        "order-points",
        tamper(f"UPDATE entries SET points = points + 400 WHERE id = {earned('101')}"),
        "raised",
    ),
    Seed("entry, lot and account raised alike", "order-points", _raised_alike, "raised"),
    Seed(
        "earning told twice",
        "order-points",
        sql(COPY.format(lot="lot_id", credit="credit", revision=77, id=earned("102"))),
        "doubled",
    ),
    Seed(
        "a gift's entry deleted",
        "lot-balance",
        tamper(
            "DELETE FROM entries WHERE workspace_id = :w AND source_kind = 'adjustment'"
            " AND source_id = 'gift'"
        ),
        "nothing else fills a lot",
    ),
    Seed("the last posting deleted", "lot-balance", _last_posting_gone, "last posting is gone"),
    Seed(
        "points in no lot",
        "entry-form",
        sql(COPY.format(lot="0", credit="credit", revision=78, id=earned("101"))),
        "posts no such entry",
    ),
    Seed(
        "points to nowhere",
        "entry-form",
        sql(COPY.format(lot="lot_id", credit="'purse'", revision=79, id=earned("101"))),
        "posts no such entry",
    ),
    Seed("a gift made up", "entry-form", _fake_gift, "posts no such entry"),
    Seed("lot given to another", "entry-misplaced", _lot_elsewhere, "lot's row was given"),
    Seed("entry given to another", "entry-misplaced", _entry_elsewhere, "past the bridge"),
    Seed(
        "lot deleted",
        "lot-missing",
        sql(f"DELETE FROM lots WHERE id = {lot('101')}"),
        "lot's row was deleted",
    ),
    Seed("order deleted", "order-missing", _order_gone("101"), "row in `orders` was deleted"),
    Seed("waiting order deleted", "order-missing", _order_gone("103"), "was deleted"),
    Seed("refund missed", "order-content", _missed_refund, "marked as handled", restores=False),
    Seed(
        "totals changed",
        "order-columns",
        _order("102", "net_total = 999900, items = 5"),
        "row in `orders` was changed",
    ),
    Seed(
        "content changed",
        "order-content",
        _order("101", 'content = replace(content, \'"net":"40"\', \'"net":"4000"\')'),
        "content was changed",
    ),
    Seed("revision set back", "order-revision", _order("100", "revision = 0"), "set back"),
    Seed("order given to another", "order-member", _other_member, "member was changed"),
    Seed("order's account changed", "order-account", _other_account, "account or member"),
    Seed("order taken from its buyer", "order-member", _order("103", "member_id = NULL")),
    Seed("customer given to another", "customer-member", _other_binding, "given to another"),
    Seed("ends too early", "lot-dates", _dates("101", "expires_at"), "row was changed"),
    Seed("ripens too early", "lot-dates", _dates("102", "ripens_at"), "row was changed"),
    Seed(
        "never ends",
        "lot-dates",
        sql(f"UPDATE lots SET expires_at = NULL WHERE id = {lot('101')}"),
        "programme say otherwise",
    ),
    Seed(
        "ripe lot marked as waiting",
        "lot-mark",
        sql(f"UPDATE lots SET ripened_at = NULL WHERE id = {lot('101')}"),
        "row was changed",
    ),
    Seed(
        "a gift past its end",
        "points-expired",
        _dates("gift", "expires_at", "adjustment"),
        "clock was not followed",
        restores=False,
    ),
    Seed("thawed by hand", "order-frozen", _order("104", "is_frozen = FALSE"), "changed past"),
    Seed("frozen by hand", "order-frozen", _order("101", "is_frozen = TRUE"), "changed past"),
    Seed(
        "tier given in the database",
        "member-tier",
        lambda m: m.sql("UPDATE members SET tier = 'gold' WHERE id = :m", m=m.bo),
        "past the bridge",
    ),
    Seed("merged by hand", "member-mark", _merged, "mark of the merge"),
    Seed("left behind by a merge", "member-merged", _left_behind, "what followed", restores=False),
    Seed(
        "a gift's lot renamed",
        "lot-source",
        sql(f"UPDATE lots SET source_id = 'other' WHERE id = {lot('gift', 'adjustment')}"),
        "row was changed",
    ),
    Seed(
        "taken twice",
        "entry-form",
        sql(
            COPY.format(
                lot="lot_id",
                credit="credit",
                revision=4,
                id="(SELECT min(id) FROM entries WHERE source_id = 'dee-out')",
            )
        ),
        "posts no such entry",
    ),
    Seed(
        "circumstances garbled",
        "order-columns",
        _order("101", "circumstances = '{'"),
        "row in `orders` was changed",
    ),
    Seed(
        "address deleted",
        "address-missing",
        sql("DELETE FROM member_emails WHERE workspace_id = :w AND email = 'c3@example.com'"),
        "deleted past",
    ),
    Seed("cursor moved on", "cursor-position", _cursor_ahead, "never be read"),
    Seed("balance noted wrong", "balance-shown", _shown, "was changed past"),
    Seed(
        "activity withdrawn by hand",
        "activity-points",
        sql("UPDATE activities SET is_valid = FALSE WHERE workspace_id = :w"),
        "or the activity was",
        restores=False,
    ),
    Seed("guard taken away", "guard-trigger", _no_guard, "took it away"),
)

TOGETHER = (
    "account raised",
    "debt made up",
    "points of an entry raised",
    "earning told twice",
    "taking back deleted",
    "a gift's entry deleted",
    "the last posting deleted",
    "points in no lot",
    "totals changed",
    "content changed",
    "revision set back",
    "customer given to another",
    "never ends",
    "ripens too early",
    "thawed by hand",
    "tier given in the database",
    "cursor moved on",
    "balance noted wrong",
    "guard taken away",
)
"""All at once, where no two of them destroy what tells of each other."""
