"""What the shop does not tell and the admin says at set-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from connectors.base import Basis, Question
from connectors.sentences import sentence

QUESTIONS = (
    Question(
        name="price_scope",
        text=sentence(
            "Catalog price scope (Stores > Configuration > Catalog > Price): one price for "
            "all websites (global) or one for each (website)?"
        ),
        choices=(sentence("global"), sentence("website")),
        default="global",
    ),
    Question(
        name="prices_include_tax",
        text=sentence(
            "Are catalog prices entered with tax (Stores > Configuration > Sales > Tax > "
            "Calculation Settings > Catalog Prices)?"
        ),
        choices=(sentence("no"), sentence("yes")),
        default="no",
    ),
    Question(
        name="tax_rates",
        text=sentence(
            "Tax in percent for each product tax class id, to turn net prices into gross "
            "ones or back, for example 2=19,4=7. May stay empty when the price list is "
            "kept the way the shop keeps prices."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    website_prices: bool = False
    basis: Basis = Basis.NET
    tax_rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Percent by product tax class id."""

    def tax_rate(self, tax_class: str) -> Decimal | None:
        """Class 0 is Magento's "None": never taxed."""
        return Decimal(0) if tax_class == "0" else self.tax_rates.get(tax_class)


def settings_from(answers: Mapping[str, str]) -> Settings:
    """Raises ValueError naming the answer that cannot be used."""
    return Settings(
        website_prices=_choice(answers, "price_scope") == "website",
        basis=Basis.GROSS if _choice(answers, "prices_include_tax") == "yes" else Basis.NET,
        tax_rates=_tax_rates(answers.get("tax_rates", "")),
    )


def _choice(answers: Mapping[str, str], name: str) -> str:
    question = next(question for question in QUESTIONS if question.name == name)
    answer = answers.get(name) or question.default
    if answer not in question.choices:
        raise ValueError(f"{name} must be one of {', '.join(question.choices)}, not {answer!r}.")
    return answer


def _tax_rates(text: str) -> dict[str, Decimal]:
    rates: dict[str, Decimal] = {}
    for part in filter(None, (part.strip() for part in text.replace(";", ",").split(","))):
        tax_class, _, percent = part.partition("=")
        try:
            rate = Decimal(percent.strip().removesuffix("%").strip())
        except InvalidOperation:
            rate = Decimal("NaN")
        if not tax_class.strip().isdecimal() or not rate.is_finite() or not 0 <= rate < 1000:
            raise ValueError(
                f"tax_rates must look like 2=19,4=7 (class id = percent), not {part!r}."
            )
        rates[tax_class.strip()] = rate
    return rates
