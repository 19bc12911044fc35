"""The state machines of orders: which transition leads from which state to which.

Shopware 6.6, Core/Migration: BasicData, AddPaymentStates and those that add ``authorize``,
``chargeback``, ``process_unconfirmed`` and the capture states; StateMachineRegistry for what a
transition does. Recorded: orders.json #1 to #9.
"""

from __future__ import annotations

from collections.abc import Iterator

_PAID = "paid pay paid_partially pay_partially"
_BACK = "refund refund_partially"

MACHINES: dict[str, tuple[str, dict[str, str]]] = {
    "order": (
        "open",
        {
            "open": "process cancel",
            "in_progress": "complete cancel",
            "completed": "reopen",
            "cancelled": "reopen",
        },
    ),
    "order_delivery": (
        "open",
        {
            "open": "ship ship_partially cancel",
            "shipped_partially": "ship retour retour_partially cancel reopen",
            "shipped": "retour retour_partially cancel reopen",
            "returned_partially": "retour reopen",
            "returned": "reopen",
            "cancelled": "reopen",
        },
    ),
    "order_transaction": (
        "open",
        {
            "open": f"{_PAID} authorize cancel do_pay fail process process_unconfirmed remind",
            "in_progress": f"{_PAID} authorize cancel fail process_unconfirmed reopen",
            "unconfirmed": f"{_PAID} authorize cancel fail reopen",
            "authorized": f"{_PAID} cancel chargeback fail process reopen",
            "reminded": f"{_PAID} authorize cancel do_pay fail process process_unconfirmed reopen",
            "paid_partially": f"{_BACK} cancel chargeback do_pay paid pay process remind reopen",
            "paid": f"{_BACK} cancel chargeback reopen",
            "refunded_partially": "cancel paid refund reopen",
            "refunded": "reopen",
            "cancelled": f"{_BACK} fail paid paid_partially reopen",
            "failed": f"{_PAID} authorize cancel do_pay process process_unconfirmed reopen",
            "chargeback": "cancel paid paid_partially reopen",
        },
    ),
    "order_transaction_capture": (
        "pending",
        {
            "pending": "complete fail",
            "completed": "reopen",
            "failed": "reopen",
        },
    ),
    "order_transaction_capture_refund": (
        "open",
        {
            "open": "cancel complete fail process",
            "in_progress": "cancel complete fail",
            "cancelled": "reopen",
            "failed": "reopen",
            "completed": "reopen",
        },
    ),
}
"""By entity: the initial state, and from each state the actions that lead on."""

_LEADS_TO = {
    "authorize": "authorized",
    "cancel": "cancelled",
    "chargeback": "chargeback",
    "complete": "completed",
    "do_pay": "in_progress",
    "fail": "failed",
    "paid": "paid",
    "paid_partially": "paid_partially",
    "pay": "paid",
    "pay_partially": "paid_partially",
    "process": "in_progress",
    "process_unconfirmed": "unconfirmed",
    "refund": "refunded",
    "refund_partially": "refunded_partially",
    "remind": "reminded",
    "reopen": "open",
    "retour": "returned",
    "retour_partially": "returned_partially",
    "ship": "shipped",
    "ship_partially": "shipped_partially",
}


def destination(entity: str, action: str) -> str:
    """The state an action leads to, by technical name."""
    if action == "reopen":
        return MACHINES[entity][0]
    return _LEADS_TO[action]


def transitions(entity: str) -> Iterator[tuple[str, str, str]]:
    """Every (from, action, to) of a machine, by technical names."""
    for state, actions in MACHINES[entity][1].items():
        for action in sorted(actions.split()):
            yield state, action, destination(entity, action)
