"""`gonghe plan`: solve, check, re-plan, explain and make planning problems on files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gonghe.engines.model.planning import PlanningError, Problem, ProblemError, Schedule

if TYPE_CHECKING:
    from gonghe.engines.planning import Move, Result

app = typer.Typer(help="Plan the machines of many workshops together.", no_args_is_help=True)

LARGEST_FILE = 1 << 30  # bytes; 100,000 operations take about 50 MB
FIRST_LOOK = 4096  # bytes that tell whether a file is text
REFUSED = 2
CLUSTER_PATIENCE = 10  # seconds to wait for a scheduler


class ObjectiveName(StrEnum):
    """What to minimise."""

    makespan = "makespan"
    tardiness = "tardiness"
    flow = "flow"
    cost = "cost"


class FormatName(StrEnum):
    """File format of a problem."""

    fjs = "fjs"
    json = "json"


ProblemFile = Annotated[Path, typer.Argument(help="Problem: gonghe-problem/1 JSON, or .fjs.")]
ScheduleFile = Annotated[Path, typer.Argument(help="Schedule JSON written by `gonghe plan solve --out`.")]
MachineBase = Annotated[
    int | None, typer.Option(min=0, max=1, help="Number of the first machine in an .fjs file.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FormatOption = Annotated[FormatName | None, typer.Option("--format", help="Default: by the file's ending.")]


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what is wrong with the input into lines on stderr and exit code 2."""
    try:
        yield
    except ProblemError as error:
        _refuse(*(str(issue) for issue in error.issues))
    except PlanningError as error:
        _refuse(str(error))


def _refuse(*lines: str) -> NoReturn:
    for line in lines:
        typer.echo(f"error: {line}", err=True)
    raise typer.Exit(REFUSED)


def _no_constant(name: str) -> NoReturn:
    _refuse(f"{name} is no number: a file must hold finite numbers only")


def _text(path: Path) -> str:
    """The text of a file; what is too large or no text is refused before it is read."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            _refuse(f"{path} has {size / 1e9:.1f} GB; the largest file that is read has 1.1 GB")
        with path.open("rb") as file:
            data = file.read(FIRST_LOOK)
            if b"\0" in data:
                _refuse(f"{path} is not a text file")
            data += file.read(LARGEST_FILE + 1 - len(data))
        if len(data) > LARGEST_FILE:
            _refuse(f"{path} has more than 1.1 GB")
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        _refuse(f"cannot read {path}: {error}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a file; a property that stands there twice would be lost in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"property {twice!r} stands twice in one object")
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path), parse_constant=_no_constant, object_pairs_hook=_object)
    except RecursionError:
        _refuse(f"{path} is not a problem: it is nested too deeply")
    except ValueError as error:
        _refuse(f"{path} is not JSON: {error}")


def _problem(
    path: Path, kind: FormatName | None, base: int | None, objective: ObjectiveName | None
) -> Problem:
    from dataclasses import replace

    from gonghe.engines.planning.fjs import read_fjs

    if kind is FormatName.fjs or (kind is None and path.suffix == ".fjs"):
        return read_fjs(
            _text(path), machine_base=base, objective=objective.value if objective else "makespan"
        )
    problem = Problem.from_json(_json(path))
    for issue in problem.warnings():
        typer.echo(f"warning: {issue}", err=True)
    return replace(problem, objective=objective.value) if objective else problem


def _units(problem: Problem, value: int) -> float | int:
    """Money in units of the currency; anything else as it is."""
    return value / problem.minor_per_unit if problem.objective == "cost" else value


def _on_cluster(problem: Problem, address: str, budget: dict[str, Any]) -> Result:
    try:
        from distributed import Client
    except ImportError:
        _refuse("--cluster needs Dask: install gonghe[cluster]")
    from gonghe.compute.cluster import NoWorkers
    from gonghe.compute.cluster import solve as run

    try:
        with Client(address, timeout=CLUSTER_PATIENCE) as client:  # type: ignore[no-untyped-call]
            return run(problem, client, **budget)
    except (OSError, ValueError, NoWorkers) as error:
        _refuse(f"no plan from the cluster at {address}: {error}")


@app.command()
def solve(
    file: ProblemFile,
    kind: FormatOption = None,
    objective: Annotated[ObjectiveName | None, typer.Option(help="Default: what the file says.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Time budget.")] = None,
    iterations: Annotated[int | None, typer.Option(min=0, help="Iteration budget (reproducible).")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, iterations and threads: same schedule.")] = 0,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Search chains side by side.")] = 1,
    gap: Annotated[
        float, typer.Option(min=0, max=1, help="Stop when no plan can be better by more than this part.")
    ] = 0.0,
    machine_base: MachineBase = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Write the schedule there.")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Search on the workers of this Dask scheduler, e.g. tcp://host:8786.")
    ] = None,
    choose: Annotated[
        bool, typer.Option("--choices", help="Cost against date: cheapest, balanced and earliest plan.")
    ] = False,
) -> None:
    """Plan a problem and print how good the plan is."""
    from gonghe.cli.plan_answers import show_choices, what_is_in_the_way
    from gonghe.engines.planning import NoFeasiblePlan, choices
    from gonghe.engines.planning import solve as run

    with _refusals():
        problem = _problem(file, kind, machine_base, objective)
        if seconds is None and iterations is None:
            seconds = 10.0
        try:
            if choose:
                if out is not None or threads > 1:
                    _refuse("--choices goes with neither --out (use --json) nor --threads")
                found = choices(problem, seconds=seconds, iterations=iterations, seed=seed)
                show_choices(problem, found, as_json)
                return
            budget: dict[str, Any] = {"seconds": seconds, "iterations": iterations, "seed": seed, "gap": gap}
            if cluster is not None:
                result = _on_cluster(problem, cluster, budget)
            else:
                result = run(problem, threads=threads, **budget)
        except NoFeasiblePlan as error:
            _refuse(*what_is_in_the_way(problem, error, as_json))
    if out is not None:
        out.write_text(json.dumps(result.schedule.to_json(problem)), encoding="utf-8")
    report = result.to_json()
    for name in ("objective", "lower_bound"):
        report[name] = _units(problem, report[name])
    report["trace"] = [[second, turn, _units(problem, value)] for second, turn, value in report["trace"]]
    if as_json:
        typer.echo(json.dumps(report))
        return
    typer.echo(f"objective    {report['objective']:,} ({problem.objective})")
    typer.echo(
        f"lower bound  {report['lower_bound']:,} ({'optimal' if result.optimal else f'gap {result.gap:.2%}'})"
    )
    typer.echo(f"late jobs    {len(result.late)} of {len(problem.jobs)}")
    typer.echo(f"search       {result.iterations:,} iterations in {result.seconds:.1f} s")
    typer.echo(f"checked      {'yes, valid' if result.verified else 'NOT VALID'}")


@app.command()
def warm() -> None:
    """Compile the planner once, so that the next start takes a second instead of a minute."""
    from gonghe.engines.planning.search.warm import warm as run

    folder = run()
    typer.echo(
        f"compiled planner kept in {folder}"
        if folder
        else "no folder to keep the compiled planner in: name one in NUMBA_CACHE_DIR"
    )


@app.command()
def check(
    problem_file: ProblemFile,
    schedule_file: ScheduleFile,
    kind: FormatOption = None,
    machine_base: MachineBase = None,
    as_json: AsJson = False,
) -> None:
    """Judge a schedule; exit code 1 when it breaks a rule."""
    from gonghe.engines.planning import check as judge

    with _refusals():
        problem = _problem(problem_file, kind, machine_base, None)
        found = judge(problem, Schedule.from_json(problem, _json(schedule_file)))
    if as_json:
        rows = [{name: getattr(v, name) for name in v.__slots__} for v in found]
        typer.echo(json.dumps({"valid": not found, "violations": rows}))
    else:
        for violation in found:
            typer.echo(f"{violation.code}: {violation.job}/{violation.operation} {violation.message}")
        typer.echo("valid" if not found else f"{len(found)} violations")
    if found:
        raise typer.Exit(1)


def _moved(move: Move) -> dict[str, Any]:
    """Where work goes and where it was; `before` is null for new work."""
    before, after = move.before, move.after
    was = None if before is None else {"machine": before.machine, "start": before.start}
    row = {"job": move.job, "operation": move.after.key[1]}
    return {**row, "machine": after.machine, "start": after.start, "before": was}


@app.command()
def replan(
    problem_file: ProblemFile,
    schedule_file: ScheduleFile,
    disturbance_file: Annotated[Path, typer.Argument(help='JSON: {"kind", "now", ...}.')],
    kind: FormatOption = None,
    machine_base: MachineBase = None,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Write the first proposal's schedule there.")] = None,
) -> None:
    """Offer ways to go on after a machine breaks down, work is late, an order comes or goes."""
    from gonghe.cli.plan_answers import what_is_in_the_way
    from gonghe.engines.planning import NoFeasiblePlan
    from gonghe.engines.planning import replan as run
    from gonghe.engines.planning.answers.disturbance_json import read_disturbance
    from gonghe.engines.planning.answers.disturbances import disturb

    with _refusals():
        problem = _problem(problem_file, kind, machine_base, None)
        schedule = Schedule.from_json(problem, _json(schedule_file))
        now, disturbance = read_disturbance(problem, _json(disturbance_file))
        try:
            proposals = run(problem, schedule, now, disturbance, seed=seed)
        except NoFeasiblePlan as error:
            after, _ = disturb(problem, schedule, now, disturbance)
            _refuse(*what_is_in_the_way(after, error, as_json))
    rows = [
        {
            "label": p.label,
            "objective": _units(problem, p.objective),
            "moved": [_moved(move) for move in p.moved],
            "cost_delta": p.cost_delta / problem.minor_per_unit,
            "lateness_delta": p.lateness_delta,
            "touched": list(p.touched),
            "moved_seconds": p.moved_seconds,
            "disturbance": _units(problem, p.disturbance),
            "verified": p.verified,
            "schedule": p.schedule.to_json(p.problem),
        }
        for p in proposals
    ]
    if out is not None and rows:
        out.write_text(json.dumps(rows[0]["schedule"]), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps({"proposals": rows}))
        return
    for p in proposals:
        late = p.lateness_delta / 3600
        typer.echo(
            f"{p.label:12} {len(p.moved):5} moves by {p.moved_seconds / 3600:.1f} h"
            f"  {late:+9.1f} h late  {len(p.touched)} firms touched"
        )


@app.command()
def explain(
    problem_file: ProblemFile,
    schedule_file: ScheduleFile,
    job: Annotated[str, typer.Argument(help="Job id.")],
    kind: FormatOption = None,
    machine_base: MachineBase = None,
    with_remedies: Annotated[bool, typer.Option("--remedies", help="Also re-solve what would help.")] = False,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Say why a job is done when it is, and what would help."""
    from gonghe.cli.plan_answers import show_reasons
    from gonghe.engines.planning import explain as run
    from gonghe.engines.planning import remedies

    with _refusals():
        problem = _problem(problem_file, kind, machine_base, None)
        schedule = Schedule.from_json(problem, _json(schedule_file))
        if job not in {item.id for item in problem.jobs}:
            _refuse(f"the problem has no job {job!r}")
        try:
            reasons = run(problem, schedule, job)
            found = remedies(problem, schedule, job, seed=seed) if with_remedies else None
        except KeyError as error:
            _refuse(f"the schedule leaves out operation {error.args[0]}")
    show_reasons(problem, reasons, found, as_json)


@app.command()
def generate(
    jobs: Annotated[int, typer.Option(min=1, help="Jobs of about ten operations.")],
    machines: Annotated[int, typer.Option(min=1, help="Machines, spread over the sites.")],
    sites: Annotated[int, typer.Option(min=1, help="Sites on a plane.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    breaks: Annotated[bool, typer.Option("--breaks", help="Shifts of 16 hours.")] = False,
    setups: Annotated[bool, typer.Option("--setups", help="Set-ups by family.")] = False,
    assembly: Annotated[bool, typer.Option("--assembly", help="Two branches per job that meet.")] = False,
    people: Annotated[bool, typer.Option("--people", help="People with skills, and gauges.")] = False,
    lags: Annotated[bool, typer.Option("--lags", help="Least and most times between operations.")] = False,
    lots: Annotated[
        bool, typer.Option("--lots", help="Lines of 50 to 800 pieces in up to four lots.")
    ] = False,
    objective: Annotated[
        ObjectiveName, typer.Option(help="What the problem asks for.")
    ] = ObjectiveName.tardiness,
) -> None:
    """Print a made-up network of workshops."""
    from gonghe.engines.planning.generate import Network
    from gonghe.engines.planning.generate import generate as make

    network = Network(
        jobs=jobs,
        machines=machines,
        sites=sites,
        seed=seed,
        breaks=breaks,
        setups=setups,
        assembly=assembly,
        lags=lags,
        people=people,
        lots=lots,
        objective=objective.value,
    )
    json.dump(make(network).to_json(), sys.stdout)


def _is_given(context: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line, be it with its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


class CalendarName(StrEnum):
    """When the machines of a log are open."""

    exact = "exact"
    worked = "worked"
    pattern = "pattern"
    open = "open"


@app.command("workshop-log")
def workshop_log(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Production log, CSV.")],
    calendar: Annotated[CalendarName, typer.Option(help="When machines are open.")] = CalendarName.worked,
    rolling: Annotated[bool, typer.Option("--rolling", help="Re-plan daily without foresight.")] = False,
    pooling: Annotated[
        bool, typer.Option("--pooling", help="Split the orders into two shops, plan them apart and together.")
    ] = False,
    promises: Annotated[
        bool, typer.Option("--promises", help="Promise dates and count how many would have been kept.")
    ] = False,
    own_machines: Annotated[
        bool, typer.Option("--own-machines", help="Work stays on the machine that really did it.")
    ] = False,
    in_sequence: Annotated[
        bool, typer.Option("--in-sequence", help="Operations of an order never overlap, though they did.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0, help="Time budget of a hindsight plan.")] = 20.0,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Chains of the hindsight search.")] = 1,
    splits: Annotated[int, typer.Option(min=1, help="Random splits for --pooling.")] = 5,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Plan the work of a real log anew and compare lead times."""
    from gonghe.cli import plan_log
    from gonghe.standards.eventlog import EventLogError, read

    given = {name for name in context.params if _is_given(context, name)}
    if wrong := plan_log.misplaced(given, calendar.value, promises=promises, pooling=pooling):
        _refuse(*wrong)
    try:
        log = read(file)
    except (EventLogError, OSError) as error:
        _refuse(str(error))
    with _refusals():
        if promises:
            lines, report = plan_log.promises(log.rows, seed=seed)
        elif pooling:
            lines, report = plan_log.pooling(
                log.rows,
                calendar.value,
                rolling=rolling,
                own_machines=own_machines,
                in_sequence=in_sequence,
                seconds=seconds,
                threads=threads,
                seed=seed,
                splits=splits,
            )
        else:
            lines, report = plan_log.anew(
                log.rows,
                calendar.value,
                rolling=rolling,
                own_machines=own_machines,
                in_sequence=in_sequence,
                seconds=seconds,
                threads=threads,
                seed=seed,
            )
    if as_json:
        typer.echo(json.dumps(report))
        return
    for line in lines:
        typer.echo(line)
    for assumption in report["assumptions"]:
        typer.echo(f"- {assumption}")
