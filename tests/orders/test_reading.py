"""Drawings are read in the background, in a process they may cost, and nothing is ever lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.orders.making import an_order

from gonghe import storage
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.jobs import services as jobs
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import access, services
from gonghe.apps.orders.models import Document, Operation, OrderLine, Revision
from gonghe.apps.orders.services import LineChange, LineIn, OperationIn

BRACKET = "bearing-bracket.step"


def dropped(acting: Acting, path: Path, **more: object) -> OrderLine:
    """A line for a dropped file, not read yet."""
    intake = services.take_in(acting, path.name, [path.read_bytes()])
    order = an_order(acting, LineIn(drawing=intake, **more))  # type: ignore[arg-type]
    return access.get_line(acting, order.lines.get().pk)


def read_only() -> None:
    """Do the reading jobs, not what other apps make of their events."""
    for job in Job.objects.filter(kind="orders.analyse", state=Job.State.QUEUED).order_by("created_at"):
        Job.objects.exclude(pk=job.pk).filter(state=Job.State.QUEUED).update(state=Job.State.CANCELLED)
        assert jobs.work_once()


class TestReading:
    def test_a_model_is_measured_routed_and_priced(self, acting_buyer: Acting, parts: Path) -> None:
        line = dropped(acting_buyer, parts / BRACKET, quantity=60)
        assert line.revision.analysis_state == "running"
        assert line.revision.part.number == "bearing-bracket"
        read_only()
        line = access.get_line(acting_buyer, line.pk)
        known = {one["file"]: one for one in json.loads((parts / "parts.json").read_text())}[BRACKET]
        analysis = line.revision.analysis
        assert analysis is not None
        assert line.revision.analysis_state == "done"
        assert analysis["volume_mm3"] == pytest.approx(known["volume_mm3"], rel=1e-6)
        assert analysis["families"][0]["name"] == "prismatic"
        steps = list(line.operations.all())
        assert [one.requirement["process"] for one in steps][:2] == ["saw", "milling-3axis"]
        assert [list(one.after.values_list("number", flat=True)) for one in steps[:3]] == [[], [10], [20]]
        assert steps[1].requirement["properties"]["batch_pieces"] == 62
        estimate = line.estimate
        assert estimate is not None
        assert estimate["cost"]["p10"] < estimate["cost"]["p50"] < estimate["cost"]["p90"]
        assert estimate["time_s"]["p50"] == sum(one.setup_s + 62 * one.run_s for one in steps)
        assert {"stock.volume", "material.price", "pieces"} <= {
            one["code"] for one in estimate["assumptions"]
        }
        job = access.reading_job(line)
        assert job is not None
        assert (job.state, job.progress, job.result) == (
            "done",
            100,
            {"state": "routed", "operations": len(steps)},
        )

    def test_pictures_belong_to_the_owner(
        self, acting_buyer: Acting, acting_rival: Acting, parts: Path
    ) -> None:
        line = dropped(acting_buyer, parts / BRACKET)
        read_only()
        revision = Revision.objects.get(pk=line.revision_id)
        kinds = {}
        for key in (revision.mesh_id, revision.thumbnail_id, revision.drawing_id):
            assert key is not None
            document = access.get_document(acting_buyer, key)
            kinds[document.kind] = storage.path_of(
                str(document.organization_id), document.sha256
            ).read_bytes()[:8]
            with pytest.raises(NotFoundError):
                access.get_document(acting_rival, key)
        assert kinds[Document.Kind.MESH][:4] == b"glTF"
        assert kinds[Document.Kind.THUMBNAIL] == b"\x89PNG\r\n\x1a\n"
        for event in Event.objects.filter(type__startswith="orders."):
            assert {one.organization_id for one in event.audience.all()} == {acting_buyer.organization.pk}

    def test_the_same_file_is_read_once_for_each_firm(
        self, acting_buyer: Acting, acting_rival: Acting, parts: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dropped(acting_buyer, parts / BRACKET)
        read_only()
        started = []
        from gonghe.apps.orders import tasks

        real = tasks.run_part
        monkeypatch.setattr(tasks, "run_part", lambda *a, **k: started.append(a) or real(*a, **k))
        brass = dropped(acting_buyer, parts / BRACKET, material="brass", part="SAME-SHAPE")
        read_only()
        assert started == []
        assert access.get_line(acting_buyer, brass.pk).revision.analysis_state == "done"
        dropped(acting_rival, parts / BRACKET)
        read_only()
        assert len(started) == 1  # what another firm knows must not make this one faster

    def test_material_from_the_buyer_is_not_in_the_price(self, acting_buyer: Acting, parts: Path) -> None:
        line = dropped(acting_buyer, parts / BRACKET, quantity=100)
        read_only()
        line = access.get_line(acting_buyer, line.pk)
        with_material = line.estimate
        services.change_line(acting_buyer, line, LineChange(material_supplier=OrderLine.Supplier.BUYER))
        without = OrderLine.objects.get(pk=line.pk).estimate
        assert with_material is not None
        assert without is not None
        assert without["cost"]["p50"] < with_material["cost"]["p50"]
        assert without["time_s"] == with_material["time_s"]
        services.change_line(acting_buyer, line, LineChange(material_supplier=OrderLine.Supplier.WORKSHOP))
        assert OrderLine.objects.get(pk=line.pk).estimate == with_material

    def test_steps_made_meanwhile_are_kept(self, acting_buyer: Acting, parts: Path) -> None:
        line = dropped(acting_buyer, parts / BRACKET)
        services.save_operation(acting_buyer, line, OperationIn("milling", run_s=60))
        read_only()
        assert [one.requirement["process"] for one in line.operations.all()] == ["milling"]

    def test_another_drawing_replaces_the_proposed_steps(self, acting_buyer: Acting, parts: Path) -> None:
        line = dropped(acting_buyer, parts / BRACKET)
        read_only()
        path = parts / "spacer.step"
        services.upload_drawing(acting_buyer, line, path.name, [path.read_bytes()])
        assert (line.revision.label, line.operations.count()) == ("B", 0)
        read_only()
        line = access.get_line(acting_buyer, line.pk)
        assert line.revision.analysis is not None
        assert line.revision.analysis["families"][0]["name"] == "turned"
        assert Operation.objects.filter(line=line, requirement__process="turning").exists()


class TestRefusal:
    @pytest.mark.parametrize(
        ("content", "code"),
        [(b"%PDF-1.7 pretending", "unknown_format"), (b"ISO-10303-21;\nHEADER;\nENDSEC;\n", "unreadable")],
    )
    def test_a_bad_file_is_told_and_the_line_stays(
        self, acting_buyer: Acting, tmp_path: Path, content: bytes, code: str
    ) -> None:
        path = tmp_path / "broken.step"
        path.write_bytes(content)
        line = dropped(acting_buyer, path, quantity=7)
        read_only()
        line = access.get_line(acting_buyer, line.pk)
        assert (line.revision.analysis_state, line.revision.refusal_code) == ("refused", code)
        assert (line.quantity, line.operations.count()) == (7, 0)
        services.save_operation(acting_buyer, line, OperationIn("milling", run_s=600))
        assert OrderLine.objects.get(pk=line.pk).estimate is not None

    @pytest.mark.parametrize("name", ["part.exe", "part", "part.step.html", "../../part.sldprt"])
    def test_unknown_types_are_refused_at_once(self, acting_buyer: Acting, name: str) -> None:
        with pytest.raises(InvalidError) as refused:
            services.take_in(acting_buyer, name, [b"x"])
        assert refused.value.code == "unknown_type"

    def test_a_file_that_is_too_large_leaves_nothing(
        self, acting_buyer: Acting, settings: object, tmp_path: Path
    ) -> None:
        settings.FILES_ROOT, settings.UPLOAD_LIMIT_BYTES = tmp_path, 2**20  # type: ignore[attr-defined]
        with pytest.raises(InvalidError, match="larger than 1 MB") as refused:
            services.take_in(acting_buyer, "huge.step", (bytes(2**18) for _chunk in range(5)))
        assert refused.value.code == "too_large"
        assert [one for one in tmp_path.rglob("*") if one.is_file()] == []

    def test_an_empty_file_is_refused(self, acting_buyer: Acting) -> None:
        with pytest.raises(InvalidError, match=r"“part\.step” is empty"):
            services.take_in(acting_buyer, "C:\\temp\\part.step", [])


class TestJob:
    def test_a_stopped_reading_is_told_and_can_be_repeated(self, acting_buyer: Acting, parts: Path) -> None:
        line = dropped(acting_buyer, parts / BRACKET)
        job = access.reading_job(line)
        assert job is not None
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)
        read_only()
        job.refresh_from_db()
        line = access.get_line(acting_buyer, line.pk)
        assert (job.state, line.revision.refusal_code) == ("cancelled", "stopped")
        services.read_again(acting_buyer, line)
        read_only()
        assert access.get_line(acting_buyer, line.pk).revision.analysis_state == "done"

    def test_a_killed_workers_reading_is_taken_over(self, acting_buyer: Acting, parts: Path) -> None:
        line = dropped(acting_buyer, parts / BRACKET)
        long_ago = datetime.now(UTC) - timedelta(minutes=2)
        Job.objects.filter(subject_id=line.pk).update(
            state=Job.State.RUNNING, lease_holder="dead", leased_until=long_ago, attempts=1
        )
        Job.objects.exclude(subject_id=line.pk).update(state=Job.State.CANCELLED)
        assert jobs.work_once()
        job = access.reading_job(line)
        assert job is not None
        assert (job.state, job.attempts) == ("done", 2)
        assert access.get_line(acting_buyer, line.pk).revision.analysis_state == "done"

    def test_a_line_without_model_is_not_read(self, acting_buyer: Acting) -> None:
        line = access.get_line(acting_buyer, an_order(acting_buyer).lines.get().pk)
        with pytest.raises(InvalidError) as refused:
            services.read_again(acting_buyer, line)
        assert refused.value.code == "no_model"

    def test_no_reading_once_the_order_went_out(self, acting_buyer: Acting, parts: Path) -> None:
        line = dropped(acting_buyer, parts / BRACKET)
        services.set_state(acting_buyer.principal, line.order, "called")
        with pytest.raises(ConflictError):
            services.read_again(acting_buyer, line)
