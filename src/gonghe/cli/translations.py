"""Translations: compile them without outside tools, and check that none is missing.

`python -m gonghe.cli.translations compile|check|collect`
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = PACKAGE / "locale"
LANGUAGE = "zh_Hans"
FILE = LOCALE / LANGUAGE / "LC_MESSAGES" / "django.po"


def compile_all() -> None:
    """Write the binary form that gettext reads beside every catalogue."""
    for path in LOCALE.glob("*/LC_MESSAGES/*.po"):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def collected() -> polib.POFile:
    """Every message of the code and the templates, freshly collected with xgettext."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "gonghe"
        source.mkdir()
        for child in PACKAGE.iterdir():
            if child.name != "locale":
                (source / child.name).symlink_to(child)
        (source / "locale").mkdir()
        subprocess.run(  # noqa: S603 - our own interpreter, no outside input
            [
                sys.executable,
                "-m",
                "django",
                "makemessages",
                "-l",
                LANGUAGE,
                "--no-obsolete",
                "--no-location",
                "--symlinks",
                "--ignore=static/*",
                "-v0",
            ],
            cwd=source,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
            check=True,
        )
        return polib.pofile(str(source / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"))


def collect() -> None:
    """Bring the catalogue up to date: new messages come in untranslated, unused ones go."""
    fresh = collected()
    known = (
        {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(FILE))} if FILE.exists() else {}
    )
    for entry in fresh:
        old = known.get((entry.msgctxt, entry.msgid))
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        if old is None:
            entry.msgstr = ""
        elif entry.msgid_plural:
            entry.msgstr_plural = old.msgstr_plural
        else:
            entry.msgstr = old.msgstr
    fresh.metadata = {
        "Project-Id-Version": "Gonghe",
        "Language": LANGUAGE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    FILE.parent.mkdir(parents=True, exist_ok=True)
    fresh.sort(key=lambda entry: entry.msgid)
    fresh.save(str(FILE))


def problems() -> list[str]:
    """What is missing: messages not in the catalogue, or without a translation."""
    known = (
        {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(FILE))} if FILE.exists() else {}
    )
    found = []
    for entry in collected():
        have = known.get((entry.msgctxt, entry.msgid))
        if have is None:
            found.append(f"not in the catalogue: {entry.msgid!r}")
        elif "fuzzy" in have.flags or not (have.msgstr or any(have.msgstr_plural.values())):
            found.append(f"not translated: {entry.msgid!r}")
    return found


def main(command: str) -> int:
    """Run one of the three commands; the exit code says whether all is well."""
    if command == "check":
        found = problems()
        print("\n".join(found[:50]) or "every message has its Chinese")
        return 1 if found else 0
    {"compile": compile_all, "collect": collect}[command]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
