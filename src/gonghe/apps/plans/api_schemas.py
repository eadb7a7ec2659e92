"""What the API of plans takes and gives: money as decimal strings, times as ISO 8601 with offset."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.reading import as_json, plan_view
from gonghe.apps.plans.scenarios import Scenario
from gonghe.apps.plans.storing import minor_amount
from gonghe.apps.plans.trying import Trial
from gonghe.apps.plans.whatif import Answer


class JobOut(Schema):
    """Background work that was asked for."""

    job: UUID = Field(description="Its state tells when the result can be read.")
    state: str


class PlanRow(Schema):
    """A plan in a list."""

    id: UUID
    order: str = Field(description="Code of the order.")
    version: int
    kind: str = Field(description="award or replan")
    state: str = Field(description="proposed, in_force, superseded or refused")
    label: str
    arrives_at: datetime
    computed_at: datetime


class DayOut(Schema):
    """Simulated runs that arrive on a day at the destination."""

    day: date
    runs: int


class PromiseOut(Schema):
    """A date with its confidence."""

    p50: datetime = Field(description="Half of the simulated runs arrive by then.")
    p90: datetime = Field(description="Nine of ten arrive by then.")
    histogram: list[DayOut]


class PlaceOut(Schema):
    """Where and when an operation is done, as far as you may know it."""

    organization: str
    equipment: str
    start: datetime
    end: datetime


class OperationOut(PlaceOut):
    """An operation of a plan; the price only where you may see it."""

    id: UUID
    operation: str
    lot: int = Field(description="Which lot of its line it works on, from 1.")
    lots: int = Field(description="In how many lots the line runs; 1 where it stays together.")
    pieces: int
    price: str | None
    source: str
    started: bool
    done: bool


class MoveOut(Schema):
    """An operation that a re-plan moves; null where it is or was at a firm you do not see."""

    operation: str
    was: PlaceOut | None
    becomes: PlaceOut | None
    cost: str | None


class MoneyOut(Schema):
    """All of the plan's cost for the buyer, your own part as a workshop."""

    production: str | None
    transport: str | None
    total: str | None
    change: str | None = Field(description="Against the plan that a re-plan is based on.")
    currency: str


class ConsentOut(Schema):
    """Who has to agree; the buyer reads names, a firm its own only."""

    organization: str
    own: bool
    state: str
    answered_at: datetime | None


class HelpOut(Schema):
    """Overtime that would bring a late order nearer."""

    code: str
    organization: str
    equipment: str
    start: datetime
    end: datetime
    arrives: datetime
    earlier_s: int
    asked: str = Field(description="What the firm asks on top for these hours.")
    change: str | None = Field(description="What the whole plan then costs more; the buyer's alone.")
    currency: str


class PlanOut(Schema):
    """A plan as you may see it."""

    id: UUID
    order: str
    order_id: UUID | None
    version: int
    kind: str
    state: str
    label: str
    computed_at: datetime
    based_on: UUID | None
    operations: list[OperationOut]
    moves: list[MoveOut]
    promise: PromiseOut
    arrives_at: datetime
    late: bool
    lateness_change_s: int
    money: MoneyOut
    gap_percent: str = Field(description="How far the cost can lie above the best possible (in these lots).")
    reasons: list[str]
    helps: list[HelpOut]
    consents: list[ConsentOut]
    verified: bool
    gantt: dict[str, Any] = Field(description="Rows, bars and links of the picture.")


class OrderPromiseOut(Schema):
    """What is known of an order's date."""

    kind: str = Field(description="firm, proposed, indicative, missing or none")
    p50: datetime | None
    p90: datetime | None
    due: date
    missing: list[dict[str, str]]


class AnswerIn(Schema):
    """Your firm's answer to a re-plan."""

    agree: bool
    reason: str = Field("", max_length=300)
    others: bool = Field(False, description="Refuse the other open proposals after the same disturbance too.")


class MoveIn(Schema):
    """A move to try."""

    operation: UUID
    lot: int = Field(1, ge=1, description="Which lot of it, where its line runs in several.")
    row: str = Field(max_length=80, description="Row of the picture: the machine.")
    start: AwareDatetime


class TrialOut(Schema):
    """What a move would mean; nothing is stored."""

    operation: str
    as_asked: bool
    start: datetime
    end: datetime
    arrives: datetime
    cost: str | None
    lateness_s: int
    why: list[str]
    touched: list[str]


class DueIn(Schema):
    """Another due day."""

    due: date


class WhatIfOut(Schema):
    """What another due day would mean."""

    due: date
    in_time: bool
    p50: datetime
    p90: datetime
    cost: str
    change: str
    asked_at: datetime


class ScenarioIn(Schema):
    """What is different; at least one thing must be."""

    due: date | None = Field(None, description="Needed by another day.")
    without: UUID | None = Field(None, description="Equipment of the plan as it is that is not there.")
    overtime_h: int = Field(0, ge=0, le=8, description="Hours by which every shift is longer; only informs.")
    weight: Literal["usual", "earliest", "cheapest"] = Field("usual", description="What counts.")


class ScenarioRow(Schema):
    """A scenario beside the plan as it is; figures are null until it is worked out."""

    id: UUID | None = Field(description="Null for the plan as it is.")
    words: str
    state: str = Field(description="queued, running, done, failed or cancelled")
    message: str
    p50: datetime | None
    p90: datetime | None
    price: str | None
    change: str | None = Field(description="Price against the plan as it is.")
    later_s: int = Field(description="Arrival against the plan as it is; negative is earlier.")
    in_time: bool
    adoptable: bool
    overtime: str = Field(description="Part of the price that is for overtime, at published prices.")
    overtime_unsaid: list[str] = Field(description="Firms whose overtime comes on top: no published price.")


class ScenarioOut(ScenarioRow):
    """A scenario with its picture."""

    gantt: dict[str, Any] | None = Field(description="Rows, bars and links of the picture, when worked out.")


class FiguresOut(Schema):
    """Where a search stands."""

    objective: str = Field(description="Cost of the best plan so far.")
    bound: str = Field(description="No plan can cost less.")
    gap_percent: str
    currency: str


class WorkOut(JobOut):
    """A search of the planner."""

    progress: int = Field(description="0 to 100.")
    message: str
    stopping: bool = Field(description="It was asked to end.")
    figures: FiguresOut | None


def plan_out(acting: Acting, found: Plan) -> dict[str, Any]:
    """A plan with its picture, as one may see it."""
    view = plan_view(acting, found)
    return as_json(view) | {"gantt": view.picture.gantt}


def scenario_out(one: Scenario) -> dict[str, Any]:
    """A scenario for programs."""
    return {
        "id": one.job,
        "words": one.words,
        "state": one.state,
        "message": one.message,
        "p50": one.p50,
        "p90": one.p90,
        "price": _text(one.price),
        "change": _text(one.change),
        "later_s": one.later_s,
        "overtime": str(one.overtime),
        "overtime_unsaid": [firm.name for firm in one.unsaid],
        "in_time": one.in_time,
        "adoptable": one.adoptable,
    }


def work_out(job: Job) -> dict[str, Any]:
    """A search for programs: money as it stands on pages, not in minor units."""
    told = job.figures
    figures = told and {
        "objective": str(minor_amount(told["objective"])),
        "bound": str(minor_amount(told["bound"])),
        "gap_percent": str(told["gap"]),
        "currency": told["currency"],
    }
    return job_out(job) | {
        "progress": job.progress,
        "message": job.message,
        "stopping": job.stop_asked or job.cancel_asked,
        "figures": figures,
    }


def job_out(job: Job) -> dict[str, Any]:
    """A job for programs."""
    return {"job": str(job.pk), "state": job.state}


def row_out(plan: Plan) -> dict[str, Any]:
    """A plan in a list for programs."""
    return {
        "id": str(plan.pk),
        "order": plan.order.code,
        "version": plan.version,
        "kind": plan.kind,
        "state": plan.state,
        "label": plan.label,
        "arrives_at": plan.arrives_at.isoformat(),
        "computed_at": plan.created_at.isoformat(),
    }


def trial_out(trial: Trial) -> dict[str, Any]:
    """A trial for programs."""
    return {
        "operation": trial.operation,
        "as_asked": trial.as_asked,
        "start": trial.start.isoformat(),
        "end": trial.end.isoformat(),
        "arrives": trial.arrives.isoformat(),
        "cost": _text(trial.cost),
        "lateness_s": trial.lateness_s,
        "why": list(trial.why),
        "touched": list(trial.touched),
    }


def whatif_out(answer: Answer) -> dict[str, Any]:
    """An answered question for programs."""
    return {
        "due": answer.due,
        "in_time": answer.in_time,
        "p50": answer.p50,
        "p90": answer.p90,
        "cost": str(answer.cost),
        "change": str(answer.change),
        "asked_at": answer.asked_at,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
