"""What `gonghe plan` prints beside one plan: choices, remedies, what is in the way."""

from __future__ import annotations

import json

import typer

from gonghe.engines.model.planning import Problem
from gonghe.engines.planning import Choice, NoFeasiblePlan, Reason, Remedy, in_the_way


def show_choices(problem: Problem, found: tuple[Choice, ...], as_json: bool) -> None:
    """Print cheapest, balanced and earliest plan."""
    if as_json:
        typer.echo(json.dumps({"choices": [choice.to_json(problem) for choice in found]}))
        return
    for choice in found:
        typer.echo(
            f"{choice.label:9} price {choice.cost.price / problem.minor_per_unit:>14,.2f}"
            f"  mean arrival {choice.mean_arrival / 3600:>9,.1f} h"
            f"  {len(choice.late)} late by {choice.lateness / 3600:,.1f} h"
            f"{'' if choice.verified else '  NOT VALID'}"
        )


def what_is_in_the_way(problem: Problem, error: NoFeasiblePlan, as_json: bool) -> list[str]:
    """Lines for a refusal that say what to lift; with `as_json` it is printed as well."""
    found = in_the_way(problem, error.jobs, error.partial)
    if as_json:
        typer.echo(json.dumps(found.to_json()))
    if not found.obstacles:
        return [str(error)]
    smallest = "this" if found.minimal else "this (maybe less)"
    return [str(error), f"a plan is possible without {smallest}:", *(f"- {o}" for o in found.obstacles)]


def show_reasons(
    problem: Problem, reasons: tuple[Reason, ...], found: tuple[Remedy, ...] | None, as_json: bool
) -> None:
    """Print why a job is done when it is and, when asked for, what would help."""
    rows = [{"code": reason.code, **reason.params} for reason in reasons]
    if as_json:
        helps = [remedy.to_json() for remedy in found or ()]
        typer.echo(json.dumps(rows if found is None else {"reasons": rows, "remedies": helps}))
        return
    for reason in reasons:
        typer.echo(f"{reason.params['start']:>10} {reason.params['end']:>10}  {reason}")
    if found is None:
        return
    typer.echo("what would help:" if found else "nothing that was tried would help")
    for remedy in found:
        cost = remedy.cost / problem.minor_per_unit
        typer.echo(
            f"- {remedy.idea}: {remedy.earlier / 3600:.1f} h earlier, "
            f"late by {remedy.lateness / 3600:.1f} h, "
            f"cost {cost:+,.2f}, others {remedy.others_lateness / 3600:+.1f} h late, "
            f"{len(remedy.proposal.moved)} moves"
        )
