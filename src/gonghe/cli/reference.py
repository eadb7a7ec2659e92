"""The reference pages of settings and commands, generated from the code.

`python -m gonghe.cli.reference` writes them; `--check` fails when they are not what the code says.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer

from gonghe.cli.app import build
from gonghe.config.environment import CHECKOUT, SETTINGS

FOLDER = CHECKOUT / "docs" / "reference"


def settings_page() -> str:
    """Every setting with its default and meaning."""
    rows = "\n".join(f"| `{one.name}` | `{one.default or '(empty)'}` | {one.help} |" for one in SETTINGS)
    return (
        "# Settings\n\nAll settings are environment variables; none is needed to start.\n\n"
        f"| setting | default | meaning |\n| --- | --- | --- |\n{rows}\n"
    )


def commands_page() -> str:
    """Every command with its arguments and options."""
    root = typer.main.get_command(build())
    return "# Commands\n\nThe same as `gonghe COMMAND --help`.\n\n" + "\n".join(_sections(root, "gonghe"))


def _sections(command: Any, name: str) -> list[str]:
    children = getattr(command, "commands", None)
    if children is not None:
        return [part for key in sorted(children) for part in _sections(children[key], f"{name} {key}")]
    lines = [f"## {name}\n", f"{(command.help or '').strip()}\n"]
    for parameter in command.params:
        if parameter.name in {"help", "install_completion", "show_completion"}:
            continue
        shown = ", ".join(f"`{opt}`" for opt in (*parameter.opts, *parameter.secondary_opts))
        shown = shown if parameter.param_type_name == "option" else f"`{(parameter.name or '').upper()}`"
        lines.append(f"- {shown}: {getattr(parameter, 'help', '') or ''}".rstrip())
    return ["\n".join(lines) + "\n"]


def undocumented() -> list[str]:
    """Commands and parameters that say nothing of themselves."""
    return [line for line in commands_page().splitlines() if line.startswith("- `") and line.endswith(":")]


def main() -> int:
    """Write or check the pages."""
    pages = {"settings.md": settings_page(), "commands.md": commands_page()}
    if "--check" not in sys.argv:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (FOLDER / name).write_text(text)
        return 0
    stale = [name for name, text in pages.items() if _read(FOLDER / name) != text]
    bare = undocumented()
    for name in stale:
        print(f"docs/reference/{name} is not what the code says; run python -m gonghe.cli.reference")
    for line in bare:
        print(f"says nothing of itself: {line}")
    return 1 if stale or bare else 0


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
