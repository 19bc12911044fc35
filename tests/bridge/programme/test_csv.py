from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from bridge.programme.document import Hold
from bridge.programme.loading import LoadedProgramme
from bridge.programme.tiers import Tier

Load = Callable[..., LoadedProgramme]
Refuse = Callable[..., list[str]]


@pytest.fixture
def listed(head: str) -> str:
    return f"{head}price_lists:\n  b2b: {{groups: [gold, silver], file: p.csv}}\n"


@pytest.mark.parametrize(
    "content",
    [
        "sku,from,price\nA,1,9.90\nA,10,8.5\n",
        "SKU ; From ; Price\nA ; 1 ; 9.90\nA ; 10 ; 8.5\n",
        "sku;from;price\nA;1;9,90\nA;10;8,5\n",
        "sku\tfrom\tprice\r\nA\t1\t9.90\r\n\r\nA\t10\t8.5\r\n",
        "\ufeffsku;from;price;percent;group;currency\nA;10;8.5;;;\nA;1;9.90;;;EUR\n",
        'price,#name,sku,from\n9.90,"Bolt, long",A,1\n8.5,,A,10\n',
    ],
)
def test_what_spreadsheets_write_is_read(loaded: Load, listed: str, content: str) -> None:
    found = loaded(listed, {"p.csv": content})
    (tiers,) = found.document.price_lists["b2b"].prices.values()
    assert set(tiers) == {Tier(1, Decimal("9.9")), Tier(10, Decimal("8.5"))}
    assert found.problems == ()


def test_rows_may_be_for_one_group_or_currency(loaded: Load, listed: str) -> None:
    content = "sku,from,price,percent,group,currency\nA,1,9,,,\nA,1,8,,gold,\nA,1,,5,,CHF\n"
    assert loaded(listed, {"p.csv": content}).document.price_lists["b2b"].prices["A"] == (
        Tier(1, Decimal(9)),
        Tier(1, Decimal(8), group="gold"),
        Tier(1, percent=Decimal(5), currency="CHF"),
    )


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("sku,from,price\nGOOD,1,3\nBAD,1,0\n", 3, ".price: 0 is not above 0"),
        ("sku,from,price\nGOOD,1,3\n\nBAD,1,9\nBAD,1,8\n", 5, ".from: quantity 1 is there twice"),
        ("sku,from,price\nGOOD,1,3\nBAD,1,8,90\n", 3, ": has 4 cells where the header has 3"),
        ("sku,from,price,percent\nGOOD,1,3\nBAD,1,8,90\n", 3, ": has both price and percent"),
        ('sku,from,price\nGOOD,1,3\nBAD,1,"8,90"\n', 3, '.price: "8,90" has a decimal comma'),
        ("sku;from;price\nGOOD;1;3,0\nBAD;1;1,250\n", 3, '.price: "1,250" can be read as 1.250'),
        ("sku;from;price\nGOOD;1;3,0\nBAD;1;1.250\n", 3, '.price: "1.250" has a point while'),
        ("sku,from,price\nGOOD,1,3\nBAD,ten,8\n", 3, '.from: "ten" is not a number of pieces'),
        ("sku,from,price,currency\nGOOD,1,3\nBAD,1,8,€\n", 3, '.currency: "€" is not a currency'),
    ],
)
def test_a_bad_row_holds_its_sku_and_names_file_and_line(
    loaded: Load, listed: str, content: str, line: int, message: str
) -> None:
    found = loaded(listed, {"p.csv": content})
    entry = found.document.price_lists["b2b"]
    assert entry.prices == {"GOOD": (Tier(1, Decimal(3)),)}
    assert entry.hold == (Hold(sku="BAD"),)
    (problem,) = found.problems
    assert str(problem).startswith(f"p.csv:{line} price_lists.b2b.prices.BAD{message}")


def test_a_row_that_cannot_be_trusted_holds_its_sku_for_every_group(
    loaded: Load, listed: str
) -> None:
    content = "sku,from,price,group\nA,1,9,gold\nA,10,8,50,gold\nB,1,9,gold\n"
    entry = loaded(listed, {"p.csv": content}).document.price_lists["b2b"]
    assert list(entry.prices) == ["B"]
    assert entry.hold == (Hold(sku="A"),)


def test_small_prices_with_a_decimal_comma_are_not_mistaken(loaded: Load, listed: str) -> None:
    found = loaded(listed, {"p.csv": "sku;from;price\nA;1;0,125\nB;1;1,2500\nC;1;1250\n"})
    prices = found.document.price_lists["b2b"].prices
    assert [tiers[0].price for tiers in prices.values()] == [
        Decimal("0.125"),
        Decimal("1.25"),
        Decimal(1250),
    ]


def test_a_row_without_sku_is_reported_and_left(loaded: Load, listed: str) -> None:
    found = loaded(listed, {"p.csv": "sku,from,price\nA,1,3\n,10,2\n"})
    assert found.document.price_lists["b2b"].prices == {"A": (Tier(1, Decimal(3)),)}
    assert [str(problem) for problem in found.problems] == [
        "p.csv:3 price_lists.b2b.prices.sku: the SKU is empty; the row is not used"
    ]


def test_a_sku_in_the_file_and_in_the_programme_is_nobodys_decision(
    loaded: Load, listed: str
) -> None:
    text = listed.replace("file: p.csv", "file: p.csv, prices: {A: [{from: 1, price: 4}]}")
    found = loaded(text, {"p.csv": "sku,from,price\nA,1,3\nB,1,3\n"})
    entry = found.document.price_lists["b2b"]
    assert list(entry.prices) == ["B"]
    assert entry.hold == (Hold(sku="A"),)
    assert str(found.problems[0]).startswith(
        "p.csv:2 price_lists.b2b.prices.A: is in programme.yaml:7 and in p.csv:2: keep it in one"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "p.csv: has no rows below a header: did an export fail?"),
        ("sku,from,price\n", "p.csv: has no rows below a header: did an export fail?"),
        ("sku,from,prize\nA,1,3\n", 'p.csv:1 prize: the column "prize" is not known. Did you mean'),
        ("from,price\n1,3\n", "p.csv:1 sku: the column sku is missing from the header"),
        ("sku,from,from,price\nA,1,1,3\n", "p.csv:1 from: the column from is there twice"),
        ('sku,from,price\nA,1,"3\n', "p.csv:2: this is no valid CSV"),
        ("sku,from,price\n,1,3\n", "p.csv:2 price_lists.b2b.prices.sku: the SKU is empty"),
        (b"sku,from\nM\xfc,1\n", "programme.yaml:7 price_lists.b2b.file: p.csv is not UTF-8 text"),
        (
            "sku,from,price,group\nA,1,3,glod\n",
            'p.csv:2 price_lists.b2b.prices.A.group: "glod" is not one of the groups of this',
        ),
    ],
)
def test_a_file_that_is_not_understood_stops(
    refused: Refuse, listed: str, content: str | bytes, message: str
) -> None:
    (found,) = refused(listed, {"p.csv": content})
    assert found.startswith(message)


def test_a_file_that_is_not_there_is_named_where_it_is_asked_for(
    refused: Refuse, listed: str
) -> None:
    (found,) = refused(listed)
    assert found.startswith("programme.yaml:7 price_lists.b2b.file: there is no file ")


def test_members_come_from_a_file_too(loaded: Load) -> None:
    text = (
        "programme: A\ncurrency: EUR\ngroups:\n"
        "  gold: {name: Gold, base: General, members: {emails: b@example.com, file: m.csv}}\n"
    )
    content = "email;company\nA@Straße.de;\n;Muster GmbH\nnobody;\n"
    found = loaded(text, {"m.csv": content})
    members = found.document.groups["gold"].members
    assert members is not None
    assert members.emails == ("b@example.com", "a@xn--strae-oqa.de")
    assert members.companies == ("Muster GmbH",)
    assert [str(problem) for problem in found.problems] == [
        'm.csv:4 groups.gold.members: "nobody" is not an e-mail address: write it like '
        "name@example.com; the row is not used"
    ]
