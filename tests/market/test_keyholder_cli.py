"""`gonghe keyholder`: a key for the neutral body, and opening with it."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.factories import People
from tests.market import making
from tests.market.making import AFTER, Scene
from typer.testing import CliRunner

from gonghe import clock
from gonghe.apps.market import access, sealing
from gonghe.apps.market import services as market
from gonghe.apps.market.models import BidItem
from gonghe.cli.keyholder import app

run = CliRunner().invoke


def test_new_writes_a_file_only_its_owner_reads_and_registers_the_public_half(
    people: People, tmp_path: Path
) -> None:
    file = tmp_path / "office.key"
    answers = f"{making.PASSPHRASE}\n{making.PASSPHRASE}\n"
    made = run(app, ["new", str(file), "--office", "park"], input=answers)
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    public = sealing.public_of(sealing.read_key_file(file.read_bytes(), making.PASSPHRASE)).hex()
    assert public in made.output
    holder = access.active_key_holder()
    assert holder is not None
    assert (holder.organization.slug, holder.public_key) == ("park", public)
    again = run(app, ["new", str(file)], input=answers)
    assert again.exit_code == 1
    assert "a key is never written over" in again.output


def test_new_needs_a_long_passphrase(people: People, tmp_path: Path) -> None:
    short = run(app, ["new", str(tmp_path / "office.key")], input="short\nshort\n")
    assert (short.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "at least 12 characters" in short.output


def test_open_opens_after_closing_with_the_right_passphrase(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "office.key"
    file.write_bytes(making.key_file()[0])
    market.submit_bid(scene.owner, scene.call, scene.offer())
    command = ["open", str(scene.call.pk), "--key", str(file)]
    early = run(app, command, input=f"{making.PASSPHRASE}\n")
    assert early.exit_code == 1
    assert "Bids close on 11 March 2026, 16:00." in early.output
    with clock.telling(AFTER):
        wrong = run(app, command, input="not this one\n")
        assert wrong.exit_code == 1
        assert "The passphrase is wrong" in wrong.output
        done = run(app, command, input=f"{making.PASSPHRASE}\n")
    assert done.exit_code == 0, done.output
    assert f"1 bids of {scene.order.code} are open" in done.output
    assert BidItem.objects.count() == 1
