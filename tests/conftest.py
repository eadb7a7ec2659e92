"""Every test gets an installation of its own in a temporary folder, and the same few people."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator

# An installation's folder is read when the settings load, so it is chosen before anything else is imported.
HOME = tempfile.mkdtemp(prefix="gonghe-test-")
os.environ["GONGHE_HOME"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "gonghe.config.settings"
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

import django  # noqa: E402

django.setup()

import pytest  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import translation  # noqa: E402
from tests import factories  # noqa: E402
from tests.factories import People  # noqa: E402

from gonghe.apps.members.acting import Acting  # noqa: E402
from gonghe.apps.members.models import User  # noqa: E402
from gonghe.apps.technology import taxonomy  # noqa: E402
from gonghe.engines.matching import Taxonomy  # noqa: E402

if connection.vendor == "sqlite":
    # A database in memory is locked as a whole; threads must meet the locks of a real installation.
    connection.settings_dict["TEST"]["NAME"] = f"{HOME}/test.sqlite3"


@pytest.fixture(autouse=True)
def _plain_passwords(settings: object) -> None:
    """Hash passwords the fast way: nobody attacks a test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request in Chinese leaves its language behind in the thread; every test begins in English."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _nobody_looked_yet() -> None:
    """Visits to public pages are counted for each process; every test begins with none."""
    cache.clear()


@pytest.fixture(autouse=True)
def _shipped_processes() -> None:
    """What an earlier test added to the taxonomy is gone with its database."""
    taxonomy._kept["now"] = None, Taxonomy.load()
    taxonomy._checked.set(True)


@pytest.fixture
def people(db: None) -> People:
    """Firms hengda, lanshan and ruian, the cluster office and everybody in them."""
    return factories.people()


@pytest.fixture
def acting_owner(people: People) -> Acting:
    """Owner of hengda, a workshop."""
    return people.owner


@pytest.fixture
def acting_planner(people: People) -> Acting:
    """Planner of hengda."""
    return people.planner


@pytest.fixture
def acting_operator(people: People) -> Acting:
    """Operator of hengda: writes in the workshop only."""
    return people.operator


@pytest.fixture
def acting_colleague(people: People) -> Acting:
    """Another person of hengda, whose role writes neither orders nor plans."""
    return people.colleague


@pytest.fixture
def acting_buyer(people: People) -> Acting:
    """Buyer of lanshan, who places orders."""
    return people.buyer


@pytest.fixture
def acting_clerk(people: People) -> Acting:
    """Colleague of the buyer at lanshan, whose role may not write orders."""
    return people.clerk


@pytest.fixture
def acting_rival(people: People) -> Acting:
    """Owner of ruian, who must see nothing of the others."""
    return people.rival


@pytest.fixture
def acting_office(people: People) -> Acting:
    """Key holder at the cluster office."""
    return people.office


@pytest.fixture
def outsider(people: People) -> User:
    """A person who belongs to no firm."""
    return people.outsider


@pytest.fixture
def signed_in(people: People) -> Callable[[Acting | User], Client]:
    """Make a browser in which this person is signed in."""
    return factories.signed_in


@pytest.fixture
def client_owner(people: People) -> Client:
    """The owner's browser."""
    return factories.signed_in(people.owner)


@pytest.fixture
def client_planner(people: People) -> Client:
    """The planner's browser."""
    return factories.signed_in(people.planner)


@pytest.fixture
def client_operator(people: People) -> Client:
    """The operator's browser."""
    return factories.signed_in(people.operator)


@pytest.fixture
def client_colleague(people: People) -> Client:
    """The colleague's browser."""
    return factories.signed_in(people.colleague)


@pytest.fixture
def client_buyer(people: People) -> Client:
    """The buyer's browser."""
    return factories.signed_in(people.buyer)


@pytest.fixture
def client_clerk(people: People) -> Client:
    """The browser of the buyer's colleague."""
    return factories.signed_in(people.clerk)


@pytest.fixture
def client_rival(people: People) -> Client:
    """The rival's browser."""
    return factories.signed_in(people.rival)


@pytest.fixture
def client_office(people: People) -> Client:
    """The cluster office's browser."""
    return factories.signed_in(people.office)


@pytest.fixture
def client_outsider(people: People) -> Client:
    """The outsider's browser."""
    return factories.signed_in(people.outsider)
