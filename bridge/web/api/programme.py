"""The programme as it is in force, and what it offers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.campaigns.listing import ListedCampaign
from bridge.campaigns.listing import listed as campaigns
from bridge.figures.members import member_figures
from bridge.figures.terms import terms
from bridge.programme import service
from bridge.programme.models import ProgrammeVersion
from bridge.programme.writing import dump
from bridge.rewards.listing import ListedReward, catalogue
from bridge.web.api.operations import Call, Nothing, Operations, Sent
from bridge.web.api.paging import Page, Paging, after, page
from bridge.web.api.problems import Refusal

operations = Operations("Programme")


class Form(StrEnum):
    YAML = "yaml"
    JSON = "json"


class ProgrammeQuery(Sent):
    form: Form = Field(Form.YAML, description="Of `text`: yaml, or json, which is quicker.")


class VersionOut(BaseModel):
    number: int
    loaded_at: datetime
    made_by: str = Field(description="Empty: it was loaded by command.")
    why: str
    problems: int = Field(description="Remarks from when it was loaded.")


class ProgrammeOut(BaseModel):
    number: int
    loaded_at: datetime
    form: Form
    text: str = Field(description="All of it in one text.")


class TierOut(BaseModel):
    tier: str
    name: str
    group: str | None
    members: int


class TiersOut(BaseModel):
    tiers: list[TierOut] = Field(description="The lowest first.")


class CampaignsOut(BaseModel):
    campaigns: list[ListedCampaign]


class RewardOut(BaseModel):
    reward: str
    name: str
    kind: str | None = Field(description="null: the programme does not have it any more.")
    points: int | None
    about: str | None
    left: int | None = Field(description="Pieces that can still be taken; null: without end.")
    is_offered: bool
    to_provide: int
    provided: int


class RewardsOut(BaseModel):
    rewards: list[RewardOut]


@operations.get("/programme", Scope.READ_PROGRAMME, ProgrammeOut, query=ProgrammeQuery)
def get_programme(call: Call, query: ProgrammeQuery) -> ProgrammeOut:
    """The version in force. Refused before one was loaded."""
    with call.app.database.reading() as session:
        newest = service.listed(session, call.app.workspace_id, limit=1)
        if not newest:
            raise Refusal(409, "No programme was loaded yet.")
        return _programme(_version(session, call, newest[0].number), query.form)


@operations.get("/programme/versions", Scope.READ_PROGRAMME, Page[VersionOut], query=Paging)
def list_versions(call: Call, query: Paging) -> Page[VersionOut]:
    """Versions of the programme, the newest first."""
    last = after(query, int)
    with call.app.database.reading() as session:
        found = service.listed(
            session,
            call.app.workspace_id,
            below=last[0] if last else None,
            limit=query.limit + 1,
        )
    return page(found, query, _listed, lambda one: (one.number,))


@operations.get(
    "/programme/versions/{number}", Scope.READ_PROGRAMME, ProgrammeOut, query=ProgrammeQuery
)
def get_version(call: Call, query: ProgrammeQuery, number: int) -> ProgrammeOut:
    """One version of the programme."""
    with call.app.database.reading() as session:
        return _programme(_version(session, call, number), query.form)


@operations.get("/tiers", Scope.READ_PROGRAMME, TiersOut)
def list_tiers(call: Call, query: Nothing) -> TiersOut:
    """Tiers of the programme, and how many members have each."""
    app = call.app
    with app.database.reading() as session:
        current = service.current(session, app.workspace_id)
        told = terms(session, app.workspace_id, app.now())
        figures = member_figures(session, app.workspace_id, told)
    having = {one.tier: one.members for one in figures.tiers}
    tiers = current[1].tiers if current else {}
    return TiersOut(
        tiers=[
            TierOut(tier=key, name=one.name, group=one.group, members=having.get(key, 0))
            for key, one in tiers.items()
        ]
    )


@operations.get("/campaigns", Scope.READ_PROGRAMME, CampaignsOut)
def list_campaigns(call: Call, query: Nothing) -> CampaignsOut:
    """Campaigns and next-purchase rules with what they have given."""
    with call.app.database.reading() as session:
        found = campaigns(session, call.app.workspace_id, call.app.now())
    return CampaignsOut(campaigns=found)


@operations.get("/rewards", Scope.READ_PROGRAMME, RewardsOut)
def list_rewards(call: Call, query: Nothing) -> RewardsOut:
    """The reward catalogue: what each costs, how many are left, how many are to be provided."""
    with call.app.database.reading() as session:
        found = catalogue(session, call.app.workspace_id, call.app.now())
    return RewardsOut(rewards=[_reward(one) for one in found])


def _version(session: Session, call: Call, number: int) -> ProgrammeVersion:
    found = service.stored_version(session, call.app.workspace_id, number)
    if found is None:
        raise Refusal(404, f"There is no version {number} of the programme.")
    return found


def _programme(version: ProgrammeVersion, form: Form) -> ProgrammeOut:
    text = version.document if form is Form.JSON else dump(service.content(version))
    return ProgrammeOut(number=version.number, loaded_at=version.loaded_at, form=form, text=text)


def _listed(one: service.Listed) -> VersionOut:
    return VersionOut(
        number=one.number,
        loaded_at=one.loaded_at,
        made_by=one.made_by,
        why=one.why,
        problems=one.problems,
    )


def _reward(one: ListedReward) -> RewardOut:
    reward = one.reward
    return RewardOut(
        reward=one.key,
        name=one.name,
        kind=reward.kind if reward else None,
        points=reward.points if reward else None,
        about=reward.about if reward else None,
        left=one.left,
        is_offered=one.is_offered,
        to_provide=one.open_claims,
        provided=one.fulfilled,
    )
