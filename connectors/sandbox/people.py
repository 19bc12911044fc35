"""Believable business customers, the same in every sandbox."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Sandbox-Shopper-1"  # noqa: S105 - documented throw-away value of made-up shoppers
"""With it every sample customer signs in."""

_FIRST = (
    "Anna", "Ben", "Clara", "David", "Eva", "Felix", "Greta", "Hannes", "Ida", "Jonas",
    "Karla", "Leo", "Mara", "Nils", "Olga", "Paul", "Rosa", "Simon", "Tilda", "Udo",
)  # fmt: skip
_LAST = (
    "Albers", "Becker", "Claasen", "Dietrich", "Ebert", "Fischer", "Gruber", "Hofmann",
    "Iversen", "Jansen", "Krüger", "Lorenz", "Meyer", "Neumann", "Otto", "Petersen",
    "Richter", "Schröder", "Thiel", "Ullrich",
)  # fmt: skip
_TRADES = (
    "Metallbau", "Elektrotechnik", "Holzbau", "Gebäudereinigung", "Dachdeckerei",
    "Sanitär", "Maschinenbau", "Trockenbau",
)  # fmt: skip

_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    email: str
    company: str
    vat_id: str


def _ascii(text: str) -> str:
    return text.lower().translate(_UMLAUTS)


def people(count: int) -> list[Person]:
    """``count`` people with distinct e-mails; more only adds to the list."""
    return [_person(number) for number in range(count)]


def _person(number: int) -> Person:
    block, place = divmod(number, len(_FIRST))
    first = _FIRST[place]
    last = _LAST[(place + block) % len(_LAST)]
    again = block // len(_LAST)
    suffix = str(again + 1) if again else ""
    return Person(
        first_name=first,
        last_name=last,
        email=f"{_ascii(first)}.{_ascii(last)}{suffix}@example.com",
        company=f"{last} {_TRADES[(number * 3 + block) % len(_TRADES)]} GmbH",
        vat_id=f"DE{100000000 + number * 7919}",
    )


SHOPPERS: tuple[str, ...] = tuple(person.email for person in people(4))
"""The shoppers that every sandbox has."""
