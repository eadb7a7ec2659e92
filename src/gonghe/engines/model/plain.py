"""Frozen dataclasses to plain JSON values and back, driven by their type hints."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dataclass instance (or a tuple or mapping of them) as dicts, lists and simple values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(cls: type[T], data: Mapping[str, Any]) -> T:
    """Build ``cls`` from what :func:`to_plain` gave.

    Unknown keys are ignored, so that an older reader can open a newer record; missing keys fall back to the
    field's default.

    Raises
    ------
    TypeError
        When a field without a default is missing.
    """
    hints = get_type_hints(cls)
    known = {item.name for item in fields(cls)}  # type: ignore[arg-type]
    return cls(**{key: _restore(hints[key], value) for key, value in data.items() if key in known})


def _restore(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [item for item in get_args(hint) if item is not type(None)]
        return value if value is None or len(inner) > 1 else _restore(inner[0], value)
    if isinstance(hint, type) and is_dataclass(hint):
        own = getattr(hint, "from_json", None)
        return own(value) if own else from_plain(hint, value)
    if origin is tuple:
        return _restore_tuple(get_args(hint), value)
    if hint is float and isinstance(value, int):
        return float(value)
    return value


def _restore_tuple(arguments: tuple[Any, ...], value: Sequence[Any]) -> tuple[Any, ...]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_restore(arguments[0], item) for item in value)
    return tuple(_restore(hint, item) for hint, item in zip(arguments, value, strict=True))
