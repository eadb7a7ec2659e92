"""The processes there are: those shipped with Gonghe and those that the cluster office added.

A request asks once, with one short query, whether something was added since the process last looked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponseBase

from gonghe.apps.technology.models import OwnProcess, OwnProperty
from gonghe.engines.matching import Process, Taxonomy
from gonghe.engines.model.matching import Property

_checked: ContextVar[bool] = ContextVar("taxonomy_checked", default=False)
_kept: dict[str, tuple[object, Taxonomy]] = {}


def current() -> Taxonomy:
    """The taxonomy as it was when this request began, or as this request changed it."""
    if not _checked.get() or "now" not in _kept:
        renew()
    return _kept["now"][1]


def renew() -> None:
    """Look whether something was added or changed, and take it in."""
    state = tuple(
        tuple(model.objects.aggregate(number=Count("pk"), last=Max("changed_at")).values())
        for model in (OwnProcess, OwnProperty)
    )
    if "now" not in _kept or _kept["now"][0] != state:
        _kept["now"] = state, _read()
    _checked.set(True)


def forget() -> None:
    """Ask again at the next use: a job begins."""
    _checked.set(False)


class TaxonomyMiddleware:
    """Every request sees what other processes added."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        before = _checked.set(False)
        try:
            return self.get_response(request)
        finally:
            _checked.reset(before)


def _read() -> Taxonomy:
    shipped = Taxonomy.load()
    properties = [
        Property(code=one.code, unit=one.unit, kind=one.kind, en=one.en, zh=one.zh)  # type: ignore[arg-type]
        for one in OwnProperty.objects.order_by("created_at")
        if one.code not in shipped.properties
    ]
    processes = [
        _process(one)
        for one in OwnProcess.objects.order_by("created_at")
        if one.code not in shipped.processes
    ]
    if not processes and not properties:
        return shipped
    return Taxonomy(
        [*shipped.processes.values(), *processes],
        [*shipped.properties.values(), *properties],
        shipped.words,
    )


def _process(one: OwnProcess) -> Process:
    return Process(
        code=one.code,
        parent=one.parent,
        en=one.en,
        zh=one.zh,
        synonyms=tuple(one.synonyms),
        properties=tuple(one.properties),
    )
