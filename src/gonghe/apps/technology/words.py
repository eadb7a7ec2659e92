"""Names of processes and properties, limits and misses, in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.models import Capability
from gonghe.engines.matching import Taxonomy
from gonghe.engines.model.matching import MatchingError, Miss
from gonghe.engines.routing import FormulaError, TemplateError, TimeImpossibleError
from gonghe.joining import is_chinese, joined

UNITS = {"MMT": "mm", "KGM": "kg", "4H": "µm", "CEL": "°C", "B47": "kN"}  # UN/ECE Recommendation 20
# What the routing engine says about a formula; it knows no languages, so its sentences are listed here.
REASONS = (
    gettext_noop("a parameter's short name has small letters, digits and _ only"),
    gettext_noop("the range needs ordinary numbers"),
    gettext_noop("the range ends before it begins"),
    gettext_noop("the usual value lies outside the range"),
    gettext_noop("two share a short name"),
    gettext_noop("there must be steps, numbered upwards"),
    gettext_noop("there is no such parameter"),
    gettext_noop("a step waits only for steps with lower numbers"),
    gettext_noop("parameters or steps lack something"),
    gettext_noop("this is no number"),
    gettext_noop("this is no ordinary number"),
    gettext_noop("the formula is too long"),
)


# The same of the matching engine; `%(property)s` becomes the name of a property.
FAULTS = (
    gettext_noop("there is no process %(given)r"),
    gettext_noop("there is no process %(given)r; did you mean %(alike)s?"),
    gettext_noop("there is no property %(given)r"),
    gettext_noop("there is no property %(given)r; did you mean %(alike)s?"),
    gettext_noop("%(property)s takes a word or list of words, not %(given)r"),
    gettext_noop("%(property)s takes a number, not %(given)r"),
    gettext_noop("%(property)s: %(given)r is neither a number, a word nor a list of words"),
    gettext_noop("%(property)s: %(why)s"),
    gettext_noop("%(what)s must be a number, not %(given)r"),
    gettext_noop("a requirement needs a process"),
    gettext_noop("a constraint has min, max or set, not %(given)r"),
    gettext_noop("a constraint holds either min/max or a set"),
    gettext_noop("a set of allowed values must not be empty"),
    gettext_noop("a set holds words, not %(given)r"),
    gettext_noop("a limit must be a finite number"),
    gettext_noop("the lower limit %(low)g is above the upper limit %(high)g"),
    gettext_noop("properties must be an object, not %(given)r"),
    gettext_noop("constraints must be an object, not %(given)r"),
)


def process_name(code: str) -> str:
    """Name of a process; the code itself where the taxonomy does not know it."""
    process = taxonomies.current().processes.get(code)
    return _named(process.en, process.zh) if process else code


def property_name(code: str) -> str:
    """Name of a property; the code itself where the taxonomy does not know it."""
    judged = taxonomies.current().properties.get(code)
    return _named(judged.en, judged.zh) if judged else code


def word_name(code: str, word: str) -> str:
    """Name of a word of a set property, such as a material."""
    for known in taxonomies.current().words.get(code, ()):
        if known.code == word:
            return _named(known.en, known.zh)
    return word


def process_choices() -> list[tuple[str, str]]:
    """Every process with its name, indented under its parent, in the order of the taxonomy."""
    taxonomy = taxonomies.current()
    return [
        (code, "\u2003" * (len(taxonomy.ancestors(code)) - 1) + process_name(code))
        for code in _in_order(taxonomy, None)
    ]


def amount(code: str, value: object) -> str:
    """A value of a property with its unit."""
    if isinstance(value, str):
        return word_name(code, value)
    if isinstance(value, Iterable):
        return joined(", ", (word_name(code, str(word)) for word in value))
    judged = taxonomies.current().properties.get(code)
    unit = UNITS.get(judged.unit, "") if judged else ""
    if not isinstance(value, int | float):
        return str(value)
    # Six decimals hide what binary fractions add to a difference such as 0.3 - 0.1.
    digits = Decimal(str(round(value, 6))).normalize()
    return f"{digits:,f} {unit}".rstrip()


def limit_text(code: str, limit: Mapping[str, Any]) -> str:
    """One limit of a capability, such as "tolerance grade (ISO 286): from 7"."""
    low, high = limit.get("min"), limit.get("max")
    if "set" in limit:
        said = amount(code, limit["set"])
    elif low is None:
        said = _("up to %s") % amount(code, high)
    elif high is None:
        said = _("from %s") % amount(code, low)
    else:
        said = _("%(low)s to %(high)s") % {"low": amount(code, low), "high": amount(code, high)}
    return joined(": ", (property_name(code), said))


def limits_text(constraints: Mapping[str, Any]) -> str:
    """All limits of a capability in one line."""
    return joined("; ", (limit_text(code, limit) for code, limit in sorted(constraints.items())))


def statements(capabilities: Iterable[Capability]) -> list[dict[str, Any]]:
    """Equal processes with equal limits said once: {process, limits, capabilities}, in their order."""
    said: dict[tuple[str, str], list[Capability]] = {}
    for one in capabilities:
        said.setdefault((one.process, limits_text(one.constraints)), []).append(one)
    return [
        {"process": process_name(code), "limits": limits, "capabilities": same}
        for (code, limits), same in said.items()
    ]


def miss_text(miss: Miss) -> str:
    """Which property fails and by how much."""
    if miss.property == "process":
        return _("does %(offered)s, not %(wanted)s") % {
            "offered": process_name(str(miss.offered)),
            "wanted": process_name(str(miss.wanted)),
        }
    facts = {"property": property_name(miss.property), "wanted": amount(miss.property, miss.wanted)}
    if miss.offered is None:
        return _("%(property)s: %(wanted)s wanted, none stated") % facts
    facts["offered"] = amount(miss.property, miss.offered)
    if miss.gap is None:
        return _("%(property)s: %(wanted)s wanted, only %(offered)s offered") % facts
    facts["gap"] = amount(miss.property, miss.gap)
    return _("%(property)s: %(wanted)s wanted, %(offered)s is the limit, %(gap)s too much") % facts


def _in_order(taxonomy: Taxonomy, parent: str | None) -> Iterable[str]:
    for process in taxonomy.children(parent):
        yield process.code
        yield from _in_order(taxonomy, process.code)


def _named(en: str, zh: str) -> str:
    return zh if is_chinese() else en


def routing_fault(error: TemplateError) -> str:
    """Why a routing does not hold, in the language of the reader."""
    if isinstance(error, FormulaError):
        return _("“%(part)s”: %(reason)s") % {"part": error.text, "reason": _(error.reason)}
    if isinstance(error, TimeImpossibleError):
        named = error.step.name or process_name(error.step.process)
        return _("step %(number)d (%(name)s) gets no possible time") % {
            "number": error.step.number,
            "name": named,
        }
    return str(error)


def matching_fault(error: MatchingError) -> str:
    """What does not hold about a requirement or a limit, in the language of the reader."""
    facts = {
        key: matching_fault(value) if isinstance(value, MatchingError) else value
        for key, value in error.facts.items()
    }
    if "property" in facts:
        facts["property"] = property_name(str(facts["property"]))
    return _(error.reason) % facts
