"""Forms of a member's page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from bridge.programme.kinds import LARGEST, clean_text
from bridge.users.models import User
from bridge.vouchers.stores import StorePlace
from bridge.web.admin.forms import Form, choices
from bridge.web.speaking import _, lazy

GIVE, TAKE = "give", "take"


def new_id() -> str:
    """Makes what a form asks for happen once, however often it is sent."""
    return str(uuid.uuid4())


def one_line(form: Any, field: Any) -> None:
    """A validator: what is kept for the records is one line, trimmed."""
    try:
        field.data = clean_text(field.data)
    except ValueError:
        raise ValidationError(_("Write it on one line of at most 255 characters.")) from None


class AdjustForm(Form):
    request_id = HiddenField(default=new_id, validators=[InputRequired(), Length(max=64)])
    way = SelectField(
        lazy("Give or take"),
        choices=choices([(GIVE, lazy("Give points")), (TAKE, lazy("Take points"))]),
        default=GIVE,
    )
    points = IntegerField(
        lazy("How many"),
        [InputRequired(), NumberRange(1, LARGEST)],
        render_kw={"min": 1, "step": 1, "inputmode": "numeric"},
    )
    reason = StringField(
        lazy("Reason"),
        [InputRequired(), one_line],
        description=lazy("For the records, and for the member."),
    )
    expires = DateField(
        lazy("Last day of points given"),
        [Optional()],
        description=lazy("Empty: they never expire."),
    )

    def validate_expires(self, field: Any) -> None:
        if field.data is not None and self.way.data == TAKE:
            raise ValidationError(_("This belongs to points that are given: leave it empty."))

    @property
    def signed(self) -> int:
        points = int(self.points.data)
        return points if self.way.data == GIVE else -points

    @property
    def last_day(self) -> date | None:
        found: date | None = self.expires.data
        return found


class AccountsForm(Form):
    users = SelectMultipleField(
        lazy("Looked after by"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, sales: Sequence[User], present: Sequence[User]) -> None:
        people = {one.id: one.name for one in (*sales, *present)}
        self.users.choices = choices((str(key), name) for key, name in people.items())


class RedeemForm(Form):
    request_id = HiddenField(default=new_id, validators=[InputRequired(), Length(max=64)])
    store = SelectField(lazy("Store"), description=lazy("The voucher can be used there alone."))
    points = IntegerField(
        lazy("Points"),
        [InputRequired(), NumberRange(1, LARGEST)],
        render_kw={"min": 1, "step": 1, "inputmode": "numeric", "autocomplete": "off"},
    )

    def offer(self, stores: Sequence[StorePlace]) -> None:
        self.store.choices = choices((one.name, one.name) for one in stores)


class WithdrawForm(Form):
    why = StringField(
        lazy("Reason"), [InputRequired(), one_line], description=lazy("For the records.")
    )


class ExchangeForm(Form):
    store = SelectField(lazy("For one in"))

    def offer(self, stores: Sequence[StorePlace]) -> None:
        self.store.choices = choices((one.name, one.name) for one in stores)
