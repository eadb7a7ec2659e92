"""`gonghe serve` stops in order while pages are open that follow what happens."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.server import free_port, own_environment, serving

# Founds a firm with one person; prints the cookie of their session.
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from django.test import Client
from gonghe.apps.members import services
from gonghe.apps.members.models import Role
from gonghe.apps.principal import SYSTEM
firm = services.create_organization(SYSTEM, name="Hengda", slug="hengda")
browser = Client()
browser.force_login(services.add_person(SYSTEM, firm, email="o@hengda.example", name="O", role=Role.OWNER))
print(browser.cookies["sessionid"].value)
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_quietly_with_a_live_page_open(ending: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    environment = own_environment(tmp_path, port) | {"DJANGO_SETTINGS_MODULE": "gonghe.config.settings"}
    prepare = [sys.executable, "-c", PREPARE]
    session = subprocess.run(prepare, env=environment, check=True, capture_output=True, text=True).stdout
    log = tmp_path / "server.log"
    with serving(environment, port, log) as server:
        feed = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        feed.request("GET", "/o/hengda/feed/", headers={"Cookie": f"sessionid={session.strip()}"})
        answer = feed.getresponse()
        assert (answer.status, answer.readline()) == (200, b"retry: 2000\n")
        server.send_signal(ending)
        rest = answer.read()
        feed.close()
        assert server.wait(timeout=60) == 0
    assert rest.replace(b": beat\n", b"").strip() == b""
    assert log.read_text() == ""
