"""Results of surveys, and the net promoter score, as charts with tables."""

from __future__ import annotations

from decimal import Decimal

from bridge.figures.points import Unit
from bridge.figures.promoters import PromoterScore, promoter_score
from bridge.figures.recommendations import Recommendations
from bridge.surveys.document import Kind, Questionnaire
from bridge.surveys.results import Result, standings
from bridge.surveys.scores import Standing
from bridge.surveys.wording import asked, choice_text
from bridge.web.admin.charts import Chart, Series, Table, bars, columns
from bridge.web.admin.figures.overview_charts import NOTHING, label, share
from bridge.web.admin.surveys.texts import members_speech
from bridge.web.speaking import _, speech


def score_text(found: PromoterScore) -> str:
    """``50``, ``-45.5``; a dash where nobody answered."""
    return NOTHING if found.score is None else speech().number(found.score.normalize())


def score_of_result(found: Result) -> PromoterScore:
    counted = standings(found)
    return promoter_score(
        counted[Standing.PROMOTER], counted[Standing.PASSIVE], counted[Standing.DETRACTOR]
    )


def result_chart(questionnaire: Questionnaire, found: Result) -> Chart | None:
    """``None``: of free text there is nothing to draw."""
    if not found.counts:
        return None
    said = members_speech(questionnaire.language)
    labels = [
        choice_text(questionnaire, found.question, value, said) for value, _count in found.counts
    ]
    counts = [count for _value, count in found.counts]
    title = asked(questionnaire, found.question, said)
    rows = [
        (text, speech().number(count), _share(count, found.answers))
        for text, count in zip(labels, counts, strict=True)
    ]
    table = Table((_("Answer"), _("How many"), _("Share")), rows)
    series = (Series(_("Answers"), "blue", counts),)
    id_ = f"result-{found.question.key}"
    if found.question.kind in (Kind.RECOMMEND, Kind.SCALE):
        return columns(id_, title, labels, series, _("Answer"), table=table)
    return bars(id_, title, labels, series, _("Answer"), table=table)


def _share(count: int, answers: int) -> str:
    return share(Decimal(100 * count) / answers if answers else None)


def over_time(found: Recommendations) -> Chart | None:
    """Who answered what, by day or month; the score stands in the table. ``None``: nobody
    answered."""
    if found.total.score is None:
        return None
    periods = found.periods
    labels = [label(one.begins, found.unit) for one in periods]
    first = _("Month") if found.unit is Unit.MONTH else _("Day")
    return columns(
        "recommendations",
        _("Would you recommend us?"),
        labels,
        (
            Series(_("Promoters"), "teal", [one.score.promoters for one in periods]),
            Series(_("Passives"), "yellow", [one.score.passives for one in periods]),
            Series(_("Detractors"), "red", [one.score.detractors for one in periods]),
        ),
        first,
        stacked=True,
        table=Table(
            (first, *_heads()),
            [
                *((text, *_cells(one.score)) for text, one in zip(labels, periods, strict=True)),
                (_("Together"), *_cells(found.total)),
            ],
        ),
    )


def by_store(found: Recommendations) -> Chart | None:
    """``None``: nobody answered."""
    if not found.stores:
        return None
    labels = [one.store or _("Never ordered") for one in found.stores]
    scores = [round(one.score.score or 0) for one in found.stores]
    return bars(
        "recommendations-by-store",
        _("Net promoter score by store"),
        labels,
        (Series(_("Score"), "blue", scores),),
        _("Store"),
        table=Table(
            (_("Store"), *_heads()),
            [(text, *_cells(one.score)) for text, one in zip(labels, found.stores, strict=True)],
        ),
    )


def _heads() -> tuple[str, ...]:
    return _("Promoters"), _("Passives"), _("Detractors"), _("Score")


def _cells(found: PromoterScore) -> tuple[str, ...]:
    number = speech().number
    return (
        number(found.promoters),
        number(found.passives),
        number(found.detractors),
        score_text(found),
    )
