"""A firm's own figures of the tables: stated within limits, taken back, as CSV, seen by nobody else."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from tests.factories import People, signed_in

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ForbiddenError, InvalidError
from gonghe.apps.technology import access, figures, stating
from gonghe.apps.technology import services as technology
from gonghe.apps.technology.models import Figure
from gonghe.apps.technology.words_figures import GROUPS, figure_text, name_of
from gonghe.engines.parts import default_tables
from gonghe.engines.parts.figures import codes, value_of

PRICE, RATE = "material.steel.price", "process.turning.rate"
PAGE = "/o/hengda/technology/figures/"


def events() -> list[dict[str, str]]:
    return [one.data for one in Event.objects.filter(type="technology.figure.changed").order_by("id")]


def page(people: People, where: str = "", slug: str = "hengda") -> str:
    who = people.owner if slug == "hengda" else people.rival
    return signed_in(who).get(f"/o/{slug}/technology/figures/{where}").content.decode()


class TestStating:
    def test_own_figures_stand_in_the_firms_tables_only(self, people: People) -> None:
        assert stating.state(people.owner, {PRICE: Decimal("7.10"), RATE: Decimal(95)}) == [PRICE, RATE]
        own = figures.figures_for(people.owner.organization.pk)
        assert own.tables.materials["steel"].price_minor_per_kg == 710
        assert own.tables.processes["turning"].rate_minor_per_h == 9500
        assert (own.source(PRICE), own.source("material.brass.price")) == ("own", default_tables().source)
        assert figures.figures_for(people.rival.organization.pk).tables == default_tables()

    def test_each_change_is_an_event_of_the_firm_alone(self, people: People) -> None:
        stating.state(people.owner, {PRICE: Decimal("7.10"), RATE: Decimal(95)})
        stating.state(people.owner, {PRICE: Decimal("7.1")})  # the same
        stating.state(people.owner, {PRICE: None})
        assert events() == [
            {"code": PRICE, "before": "", "after": "7.1"},
            {"code": RATE, "before": "", "after": "95"},
            {"code": PRICE, "before": "7.1", "after": ""},
        ]
        for event in Event.objects.filter(type="technology.figure.changed"):
            seen_by = event.audience.values_list("organization_id", flat=True)
            assert list(seen_by) == [people.owner.organization.pk]

    def test_all_go_back_to_shipped(self, people: People) -> None:
        stating.state(people.owner, {PRICE: Decimal("7.10"), RATE: Decimal(95)})
        assert stating.take_back(people.owner, [RATE, "general.bend"]) == [RATE]
        assert stating.take_back(people.owner) == [PRICE]
        assert figures.figures_for(people.owner.organization.pk).tables == default_tables()
        assert stating.take_back(people.owner) == []

    @pytest.mark.parametrize(
        ("code", "value", "told"),
        [
            ("material.steel.milling", "0", "3 to 1200 cm³/min is plausible"),
            ("material.steel.price", "6200", "0 to 124 CNY/kg"),
            ("process.turning.spread", "151", "0 to 150 %"),
            ("material.steel.price", "7.10001", "at most four decimals"),
            ("material.steel.price", "NaN", "is plausible"),
            ("material.mithril.price", "7", "There is no figure “material.mithril.price”."),
            ("process.alchemy.rate", "7", "There is no figure"),
        ],
    )
    def test_implausible_figures_change_nothing(
        self, people: People, code: str, value: str, told: str
    ) -> None:
        with pytest.raises(InvalidError, match="correct the marked figures") as refused:
            stating.state(people.owner, {RATE: Decimal(95), code: Decimal(value)})
        (wrong,) = refused.value.details["items"]
        assert (wrong["code"], told in wrong["message"]) == (code, True)
        assert not Figure.objects.exists()

    def test_only_those_who_may_change_know_how_change_figures(self, people: People) -> None:
        with pytest.raises(ForbiddenError):
            stating.state(people.operator, {RATE: Decimal(95)})
        assert not Figure.objects.exists()

    def test_a_process_without_shipped_figures_starts_from_its_kin(self, people: People) -> None:
        code = "process.hardening.rate"
        assert code not in access.codes_of(people.owner)
        technology.save_capability(people.owner, process="hardening", constraints={})
        assert code in access.codes_of(people.owner)
        kin = figures.process_figures("hardening", default_tables())
        assert figures.shipped_value(code) * 100 == kin.rate_minor_per_h
        stating.state(people.owner, {code: Decimal(77)})
        tables = figures.figures_for(people.owner.organization.pk).tables
        assert tables.processes["hardening"].rate_minor_per_h == 7700
        assert tables.processes["hardening"].setup_s == kin.setup_s

    def test_a_figure_that_a_later_version_no_longer_has_is_passed_over(self, people: People) -> None:
        firm = people.owner.organization
        Figure.objects.create(
            organization=firm, code="material.mithril.price", value=Decimal(7), changed_at=clock.now()
        )
        assert figures.figures_for(firm.pk).tables == default_tables()


class TestWords:
    def test_every_figure_has_a_name_and_one_group(self) -> None:
        for code in codes(default_tables()):
            assert [name_of(code) in group.names for group in GROUPS].count(True) == 1, code

    def test_names_say_what_for(self) -> None:
        assert figure_text("material.steel.laser.3") == "Steel, 3 mm: laser cutting"
        assert figure_text("process.turning.setup") == "Turning: set-up"
        assert figure_text("general.overhead") == "Overhead on all costs"
        with translation.override("zh-hans"):
            assert figure_text("material.steel.price").startswith("钢")


class TestPages:
    def test_shipped_figures_stand_beside_own_ones(self, people: People) -> None:
        assert "Your estimates use the 2" in page(people)
        client = signed_in(people.owner)
        answer = client.post(f"{PAGE}prices/", {PRICE: "7.10"}, follow=True)
        text = answer.content.decode()
        assert "1 figure changed. The estimates of your drafts are worked out again." in text
        assert "6.2 CNY/kg" in text
        assert "<b>7.1 CNY/kg</b>" in text
        assert 'value="7.1"' in page(people, "prices/")
        assert "7.1" not in page(people, "prices/", "ruian")

    def test_a_wrong_figure_is_marked_and_what_was_typed_stays(self, people: People) -> None:
        answer = signed_in(people.owner).post(
            f"{PAGE}prices/", {PRICE: "6200", "material.brass.price": "viel"}
        )
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "Write a number like 12.5." in text
        assert 'value="6200"' in text
        answer = signed_in(people.owner).post(f"{PAGE}prices/", {PRICE: "6200"})
        told = "0 to 124 CNY/kg is plausible"
        assert answer.content.decode().count(told) == 2  # on top of the page with its name, and at the field
        assert "<b>Steel: price</b>" in answer.content.decode()
        assert not Figure.objects.exists()

    def test_one_button_goes_back(self, people: People) -> None:
        stating.state(people.owner, {PRICE: Decimal("7.10"), RATE: Decimal(95), "general.bend": Decimal(9)})
        client = signed_in(people.owner)
        client.post(f"{PAGE}shipped/", {"code": "general.bend"})
        client.post(f"{PAGE}shipped/", {"group": "rates"})
        assert set(figures.own_figures(people.owner.organization.pk)) == {PRICE}
        client.post(f"{PAGE}shipped/")
        assert figures.own_figures(people.owner.organization.pk) == {}

    def test_who_may_not_change_them_reads_them(self, people: People) -> None:
        client = signed_in(people.operator)
        assert "Save your figures" not in client.get(f"{PAGE}prices/").content.decode()
        assert client.post(f"{PAGE}shipped/").status_code == 403
        assert client.get(f"{PAGE}taste/").status_code == 404


def table(client: Client) -> list[dict[str, str]]:
    text = client.get(f"{PAGE}table.csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def sent(client: Client, rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    out = csv.DictWriter(text, rows[0].keys())
    out.writeheader()
    out.writerows(rows)
    file = SimpleUploadedFile("figures.csv", text.getvalue().encode("gb18030"), "text/csv")
    return client.post(f"{PAGE}send/", {"file": file}, follow=True).content.decode()


class TestCsv:
    def test_a_changed_table_comes_back(self, people: People) -> None:
        stating.state(people.owner, {RATE: Decimal(95)})
        client = signed_in(people.owner)
        rows = table(client)
        by_code = {row["code"]: row for row in rows}
        assert len(rows) == len(list(codes(default_tables())))
        assert by_code[RATE] == {
            "code": RATE, "name": "Turning: hourly rate", "shipped": "110", "own": "95", "unit": "CNY/h",
            "lowest": "0", "highest": "2200",
        }  # fmt: skip
        assert "Nothing was different." in sent(client, rows)
        by_code[RATE]["own"], by_code[PRICE]["own"] = "", "7.10"
        assert "2 figures changed." in sent(client, rows)
        assert figures.own_figures(people.owner.organization.pk) == {PRICE: Decimal("7.10")}

    def test_a_wrong_cell_is_named_and_nothing_is_taken(self, people: People) -> None:
        client = signed_in(people.owner)
        rows = [
            {"code": RATE, "own": "95"},
            {"code": PRICE, "own": "teuer"},
            {"code": "general.taste", "own": "3"},
            {"code": RATE, "own": "96"},
        ]
        text = sent(client, rows)
        assert "Row 3" in text
        assert "“teuer” is no number" in text
        assert "There is no figure “general.taste”." in text
        assert "this code stands there twice" in text
        assert not Figure.objects.exists()

    @pytest.mark.parametrize(
        ("content", "told"),
        [(b"", "no table that can be read"), (b"a,b\n1,2\n", "“code” and “own” are needed")],
    )
    def test_other_files_are_refused(self, people: People, content: bytes, told: str) -> None:
        with pytest.raises(InvalidError, match=told):
            stating.from_csv(content)


class TestApi:
    URL = "/api/o/hengda/figures"

    def put(self, client: Client, body: object, key: str = "figures-1") -> object:
        return client.put(
            self.URL, json.dumps(body), content_type="application/json", HTTP_IDEMPOTENCY_KEY=key
        )

    def test_read_state_and_take_back(self, people: People) -> None:
        client = signed_in(people.owner)
        body = {"values": {PRICE: "7.10"}}
        assert self.put(client, body).json() == {"changed": [PRICE]}  # type: ignore[attr-defined]
        assert self.put(client, body).json() == {"changed": [PRICE]}  # type: ignore[attr-defined]
        assert len(events()) == 1
        found = {one["code"]: one for one in client.get(self.URL).json()}
        assert (found[PRICE]["shipped"], found[PRICE]["own"], found[PRICE]["unit"]) == (
            "6.2",
            "7.1",
            "CNY/kg",
        )
        assert found[RATE]["own"] is None
        wrong = self.put(client, {"values": {PRICE: "6200"}}, "figures-2")
        assert wrong.status_code == 422  # type: ignore[attr-defined]
        assert wrong.json()["error"]["items"][0]["code"] == PRICE  # type: ignore[attr-defined]
        gone = client.delete(self.URL, HTTP_IDEMPOTENCY_KEY="figures-3")
        assert gone.json() == {"changed": [PRICE]}

    def test_csv_goes_out_and_in(self, people: People) -> None:
        client = signed_in(people.owner)
        text = client.get(self.URL + ".csv").content.decode("utf-8-sig")
        assert text.startswith("code,name,shipped,own,unit,lowest,highest")
        answer = client.put(
            self.URL + ".csv",
            f"code,own\n{RATE},95\n{PRICE},\n",
            content_type="text/csv",
            HTTP_IDEMPOTENCY_KEY="figures-4",
        )
        assert answer.json() == {"changed": [RATE]}
        assert value_of(figures.figures_for(people.owner.organization.pk).tables, RATE) == 95

    def test_a_rival_reads_only_its_own(self, people: People) -> None:
        stating.state(people.owner, {PRICE: Decimal("7.10")})
        rival = signed_in(people.rival)
        assert rival.get(self.URL).status_code == 404
        mine = {one["code"]: one for one in rival.get("/api/o/ruian/figures").json()}
        assert mine[PRICE]["own"] is None
