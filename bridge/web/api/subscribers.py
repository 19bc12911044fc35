"""Other systems that are told of events, and the messages to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, model_validator
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.subscribers import messages, service
from bridge.subscribers.models import Disabled, MessageState, Subscriber, SubscriberMessage
from bridge.web.api.operations import Call, Nothing, Operations, Sent
from bridge.web.api.paging import Page, Paging, after, page
from bridge.web.api.problems import Refusal
from bridge.web.api.work import MOST_AT_ONCE, Id, QueuedOut, note_retry

operations = Operations("Webhooks")


class SubscriberOut(BaseModel):
    id: int
    name: str
    url: str = Field(description="Without its query, which may hold a token.")
    types: list[str]
    with_email: bool
    disabled: Disabled | None = Field(description="Why it is sent nothing; null: it is.")
    failing_since: datetime | None = Field(description="null: it took the last message.")
    delivered_at: datetime | None
    made_at: datetime


class SubscribersOut(BaseModel):
    subscribers: list[SubscriberOut]


class MessagesQuery(Paging):
    subscriber: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    state: MessageState | None = None


class MessageOut(BaseModel):
    id: int
    subscriber: int
    webhook_id: str
    type: str
    at: datetime = Field(description="When it happened.")
    state: MessageState
    attempts: int
    not_before: datetime | None = Field(description="When it is tried next; null: it waits not.")
    delivered_at: datetime | None
    status: int | None = Field(description="What was answered last; null: nothing.")
    error: str | None


class ResendIn(Sent):
    messages: Annotated[list[Id], Field(max_length=MOST_AT_ONCE)] = Field(default_factory=list)
    failed: bool = Field(False, description="All that failed, instead of single ones.")
    subscriber: Id | None = Field(None, description="With `failed`: only those to this one.")

    @model_validator(mode="after")
    def _one_way(self) -> ResendIn:
        if bool(self.messages) == self.failed:
            raise ValueError("name messages, or say `failed`")
        return self


@operations.get("/subscribers", Scope.READ_WORK, SubscribersOut)
def list_subscribers(call: Call, query: Nothing) -> SubscribersOut:
    """Systems that are told of events, by name, and how each is."""
    with call.app.database.reading() as session:
        found = service.subscribers(session, call.app.workspace_id)
    return SubscribersOut(subscribers=[_subscriber(one) for one in found])


@operations.get("/messages", Scope.READ_WORK, Page[MessageOut], query=MessagesQuery)
def list_messages(call: Call, query: MessagesQuery) -> Page[MessageOut]:
    """Messages to subscribers of the last 31 days, newest first."""
    told = after(query, int)
    with call.app.database.reading() as session:
        found = messages.listed(
            session,
            call.app.workspace_id,
            subscriber_id=query.subscriber,
            state=query.state,
            before=told[0] if told else 0,
            most=query.limit + 1,
        )
    return page(found, query, _message, lambda one: (one.id,))


@operations.post(
    "/messages/resend", Scope.WRITE_WORK, QueuedOut, body=ResendIn, wakes=("webhooks",)
)
def resend_messages(call: Call, session: Session, body: ResendIn) -> QueuedOut:
    """Sends messages once more, with the same `webhook-id`: these, or all that failed."""
    now, workspace_id = call.app.now(), call.app.workspace_id
    if body.failed:
        count = messages.resend(session, workspace_id, now, subscriber_id=body.subscriber)
    else:
        count = 0
        for message_id in sorted(set(body.messages)):
            try:
                count += messages.resend(session, workspace_id, now, message_id=message_id)
            except messages.UnknownMessage:
                raise Refusal(409, f"There is no message {message_id}. Nothing is sent.") from None
    note_retry(call, session, "messages", body.model_dump(exclude_defaults=True))
    return QueuedOut(queued=count)


def _subscriber(row: Subscriber) -> SubscriberOut:
    assert row.id is not None
    return SubscriberOut(
        id=row.id,
        name=row.name,
        url=row.url.partition("?")[0],
        types=row.types,
        with_email=row.with_email,
        disabled=Disabled(row.disabled) if row.disabled else None,
        failing_since=row.failing_since,
        delivered_at=row.delivered_at,
        made_at=row.made_at,
    )


def _message(row: SubscriberMessage) -> MessageOut:
    assert row.id is not None
    waits = row.state == MessageState.WAITING
    return MessageOut(
        id=row.id,
        subscriber=row.subscriber_id,
        webhook_id=row.webhook_id,
        type=row.type,
        at=row.at,
        state=MessageState(row.state),
        attempts=row.attempts,
        not_before=row.not_before if waits else None,
        delivered_at=row.delivered_at,
        status=row.status,
        error=row.error or None,
    )
