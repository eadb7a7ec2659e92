"""Settings of an installation, read from the environment; every one is documented here and nowhere else."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

CHECKOUT = Path(__file__).resolve().parents[3]


class SettingError(ValueError):
    """A setting has a value that cannot work; the message names the setting and what would be right."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, what holds without it, and what it is for."""

    name: str
    default: str
    help: str


SETTINGS = (
    Setting(
        "GONGHE_HOME", "var", "Folder that holds everything of this installation: database, files, keys."
    ),
    Setting(
        "GONGHE_DATABASE_URL", "", "postgres://user:password@host:port/name; empty: SQLite in GONGHE_HOME."
    ),
    Setting(
        "GONGHE_HOSTS", "localhost,127.0.0.1,[::1]", "Host names this installation answers to, with commas."
    ),
    Setting(
        "GONGHE_ORIGIN", "http://127.0.0.1:8000", "Address people open; for links, cookies, form checks."
    ),
    Setting("GONGHE_LANGUAGE", "en", "Language of a first visit: en or zh-hans."),
    Setting("GONGHE_ZONE", "Asia/Shanghai", "Time zone of a page that belongs to no site."),
    Setting(
        "GONGHE_WORKERS", "1", "Worker threads in the web process; 0 leaves the work to `gonghe worker`."
    ),
    Setting("GONGHE_DEBUG", "0", "1 shows stack traces to developers; never on a server that others reach."),
    Setting(
        "GONGHE_ALLOWED_NETWORKS",
        "",
        "Private networks that calendars may be fetched from, with commas: 192.168.7.0/24. Empty: none.",
    ),
    Setting("GONGHE_PLAN_SECONDS", "5", "Seconds the joint planner may search for one plan."),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def value(name: str) -> str:
    """Value of a documented setting."""
    return os.environ.get(name, _BY_NAME[name].default)


def number(name: str) -> int:
    """Whole, non-negative number of a setting.

    Raises
    ------
    SettingError
        If the value is not such a number.
    """
    text = value(name)
    if not text.isdigit():
        raise SettingError(f"{name} is {text!r}; give a whole number such as {_BY_NAME[name].default}.")
    return int(text)


def flag(name: str) -> bool:
    """Truth of a setting written as 0 or 1."""
    return number(name) == 1


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks of a setting, written with commas.

    Raises
    ------
    SettingError
        If one is no network.
    """
    texts = [text.strip() for text in value(name).split(",") if text.strip()]
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingError(f"{name}: {error}. Write networks such as 192.168.7.0/24, with commas.") from error


def home() -> Path:
    """Folder of this installation, made if missing."""
    path = Path(value("GONGHE_HOME"))
    path = path if path.is_absolute() else CHECKOUT / path
    path.mkdir(parents=True, exist_ok=True)
    return path


def secret_key() -> str:
    """Signing key of this installation, made once and readable by its owner only."""
    path = home() / "keys" / "secret.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass  # another process made it between our look and our write
    return path.read_text()


def database() -> dict[str, object]:
    """Django database settings: SQLite in the home folder, or the PostgreSQL that the URL names."""
    url = value("GONGHE_DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home() / "gonghe.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SettingError("GONGHE_DATABASE_URL must look like postgres://user:password@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
