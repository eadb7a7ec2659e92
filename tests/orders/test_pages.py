"""The pages of orders: what they answer, what they refuse, and whom they know nothing for."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.orders.making import an_order, destination

from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import access, services
from gonghe.apps.orders.models import Operation, Order, OrderLine, Revision
from gonghe.apps.orders.sections import line_estimate
from gonghe.apps.orders.services import LineIn, OperationIn

STEP = b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n"


def upload(name: str = "LP-40.step", content: bytes = STEP) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def order(acting_buyer: Acting) -> Order:
    steps = (OperationIn("saw", run_s=60), OperationIn("milling", properties={"tolerance_it": 7}, run_s=600))
    return an_order(acting_buyer, LineIn(part="LP-40", name="Bearing bracket", quantity=60, operations=steps))


def page(name: str, *args: object, slug: str = "lanshan") -> str:
    return reverse(f"orders:{name}", args=[slug, *args])


class TestNewOrder:
    def test_an_empty_list_asks_for_a_drawing(self, client_buyer: Client) -> None:
        text = client_buyer.get(reverse("web:orders", args=["lanshan"])).content.decode()
        assert "Drop a drawing to get a price range and a date within a minute." in text
        assert page("drop") in text

    def test_dropped_drawings_become_an_order_with_a_line_each(
        self, client_buyer: Client, acting_buyer: Acting
    ) -> None:
        answer = client_buyer.post(page("drop"), {"drawings": [upload(), upload("LP-41.step", STEP + b" ")]})
        order = access.visible_orders(acting_buyer).get()
        assert answer.status_code == 302
        assert answer.headers["Location"] == reverse("web:order", args=["lanshan", order.pk])
        assert [one.revision.part.number for one in access.lines_of(order)] == ["LP-40", "LP-41"]
        assert (order.title, order.due) == ("LP-40", date(2026, 4, 6))

    def test_one_bad_file_refuses_all_of_them(self, client_buyer: Client) -> None:
        answer = client_buyer.post(page("drop"), {"drawings": [upload(), upload("virus.exe")]})
        assert answer.status_code == 422
        assert "“virus.exe” cannot be read here." in answer.content.decode()
        assert not Order.objects.exists()

    def test_the_form_makes_an_order(self, client_buyer: Client, acting_buyer: Acting) -> None:
        filled = {
            "title": "Pump",
            "due": "2026-03-18",
            "destination": destination(acting_buyer).pk,
            "lateness_per_hour": "25",
            "part": "COAT-7",
            "quantity": "200",
            "material": "textile",
        }
        answer = client_buyer.post(page("new"), filled)
        order = access.visible_orders(acting_buyer).get()
        assert answer.headers["Location"] == reverse("web:order", args=["lanshan", order.pk])
        line = order.lines.get()
        assert (line.quantity, line.revision.material, line.revision.part.number) == (
            200,
            "textile",
            "COAT-7",
        )

    def test_a_wrong_form_says_where_and_keeps_what_was_typed(
        self, client_buyer: Client, acting_buyer: Acting
    ) -> None:
        filled = {
            "title": "Pump for Lishui",
            "due": "2026-03-08",
            "destination": destination(acting_buyer).pk,
            "lateness_per_hour": "25",
            "part": "LP-40",
            "quantity": "5",
            "material": "steel",
        }
        answer = client_buyer.post(page("new"), filled)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "The date is in the past. Choose 2026-03-09 or later." in text
        assert 'value="Pump for Lishui"' in text
        assert answer.context["form"].errors.keys() == {"due"}
        answer = client_buyer.post(page("new"), filled | {"due": "2026-03-18", "part": ""})
        assert "The order is empty." in answer.content.decode()

    def test_a_colleague_may_look_but_not_order(
        self, client_clerk: Client, client_buyer: Client, order: Order
    ) -> None:
        text = client_clerk.get(reverse("web:orders", args=["lanshan"])).content.decode()
        assert order.code in text
        assert page("drop") not in text
        assert client_clerk.get(page("new")).status_code == 403
        answer = client_clerk.post(page("drop"), {"drawings": [upload()]})
        assert answer.status_code == 403
        assert Order.objects.count() == 1


class TestPrices:
    def test_the_price_on_top_is_the_one_in_the_list_of_quantities(
        self, client_buyer: Client, acting_buyer: Acting
    ) -> None:
        """Both are for all pieces that are made, those for scrap included."""
        order = an_order(
            acting_buyer, LineIn(part="LP-40", quantity=100, operations=(OperationIn("saw", run_s=60),))
        )
        found = line_estimate(order.lines.get())
        assert found is not None
        ends = (found["low"], found["high"])
        assert [(one["low"], one["high"]) for one in found["breaks"] if one["pieces"] == "100 pieces"] == [
            ends
        ]
        text = client_buyer.get(page("line", order.lines.get().pk)).content.decode()
        assert text.count(f"¥{found['low']:,} to ¥{found['high']:,}") == 2
        assert "with the pieces for scrap" in text


class TestChange:
    def test_the_edit_page_shows_steps_and_estimate(self, client_buyer: Client, order: Order) -> None:
        text = client_buyer.get(page("edit", order.pk)).content.decode()
        assert "All parts have their steps; about" in text
        assert "IT7" in text
        assert "Bearing bracket" in text

    def test_head_and_line_change(self, client_buyer: Client, acting_buyer: Acting, order: Order) -> None:
        head = {
            "title": "Pump 2",
            "due": "2026-03-20",
            "destination": destination(acting_buyer).pk,
            "lateness_per_hour": "30",
        }
        assert client_buyer.post(page("edit", order.pk), head).status_code == 302
        line = order.lines.get()
        changed = {
            "name": "Bracket",
            "quantity": "80",
            "material": "brass",
            "material_supplier": "buyer",
            "material_lead_days": "5",
            "overage_percent": "2.5",
        }
        assert client_buyer.post(page("line", line.pk), changed).status_code == 302
        order.refresh_from_db()
        line = OrderLine.objects.get(pk=line.pk)
        assert (order.title, order.due) == ("Pump 2", date(2026, 3, 20))
        assert (line.quantity, line.pieces, line.revision.material) == (80, 82, "brass")
        assert client_buyer.post(page("line", line.pk), changed | {"quantity": "0"}).status_code == 422

    def test_a_step_is_added_changed_and_removed(self, client_buyer: Client, order: Order) -> None:
        line = order.lines.get()
        filled = {
            "process": "heat-treatment",
            "name": "Harden and temper",
            "setup_min": "30",
            "run_min": "0.62",
            "p-hardness_hrc": "50",
            "after": ["20"],
        }
        assert client_buyer.post(page("add_operation", line.pk), filled).status_code == 302
        step = line.operations.get(number=30)
        assert (step.requirement["properties"], step.setup_s, step.run_s) == (
            {"hardness_hrc": 50.0},
            1800,
            37,
        )
        assert step.resumable is False
        assert [one.number for one in step.after.all()] == [20]
        form = client_buyer.get(page("operation", step.pk))
        assert 'value="0.62"' in form.content.decode()
        client_buyer.post(page("operation", step.pk), filled | {"number": "30", "run_min": "1"})
        assert Operation.objects.get(pk=step.pk).run_s == 60
        assert client_buyer.post(page("remove_operation", step.pk)).status_code == 302
        assert [one.number for one in line.operations.all()] == [10, 20]

    def test_the_form_asks_for_the_properties_of_the_process(
        self, client_buyer: Client, order: Order
    ) -> None:
        line = order.lines.get()
        text = client_buyer.get(page("add_operation", line.pk), {"process": "sewing"}).content.decode()
        assert "p-material_group" in text
        assert "p-hardness_hrc" not in text

    def test_parts_are_dropped_added_and_taken_out(self, client_buyer: Client, order: Order) -> None:
        assert client_buyer.post(page("drop_lines", order.pk), {"drawings": [upload()]}).status_code == 302
        parent = order.lines.first()
        assert parent is not None
        added = {
            "part": "SCREW",
            "quantity": "4",
            "material": "steel",
            "parent": parent.pk,
            "material_supplier": "workshop",
            "material_lead_days": "2",
            "overage_percent": "2",
        }
        assert client_buyer.post(page("add_line", order.pk), added).status_code == 302
        screw = order.lines.get(revision__part__number="SCREW")
        assert screw.quantity == 4 * 62
        assert client_buyer.post(page("remove_line", screw.pk)).status_code == 302
        assert [one.number for one in order.lines.all()] == [1, 2]

    def test_an_order_that_went_out_is_only_shown(
        self, client_buyer: Client, acting_buyer: Acting, order: Order
    ) -> None:
        services.set_state(acting_buyer.principal, order, Order.State.CALLED)
        line = order.lines.get()
        assert page("add_operation", line.pk) not in client_buyer.get(page("edit", order.pk)).content.decode()
        answer = client_buyer.post(page("remove_operation", line.operations.all()[0].pk))
        assert answer.status_code == 409
        assert "cannot be changed any more" in answer.content.decode()

    def test_cancelling(self, client_buyer: Client, order: Order) -> None:
        assert client_buyer.post(page("cancel", order.pk)).status_code == 302
        order.refresh_from_db()
        assert order.state == "cancelled"


class TestFiles:
    @pytest.fixture
    def line(self, acting_buyer: Acting) -> OrderLine:
        intake = services.take_in(acting_buyer, "LP-40.step", [STEP])
        return an_order(acting_buyer, LineIn(drawing=intake)).lines.get()

    def test_a_drawing_is_saved_never_run(self, client_buyer: Client, line: OrderLine) -> None:
        answer = client_buyer.get(page("document", line.revision.drawing_id))
        assert b"".join(answer.streaming_content) == STEP
        assert answer.headers["Content-Disposition"] == 'attachment; filename="LP-40.step"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Content-Type"] == "model/step"
        assert answer.headers["Cache-Control"].startswith("private")

    def test_a_lost_file_is_nothing_here(self, client_buyer: Client, line: OrderLine) -> None:
        for document, path in access.stored_documents():
            assert document.pk == line.revision.drawing_id
            path.unlink()
        assert client_buyer.get(page("document", line.revision.drawing_id)).status_code == 404


def routes(order: Order, drawing: object) -> list[tuple[str, str, object]]:
    """Every page of one order: method, name, id."""
    line = order.lines.get()
    step = line.operations.all()[0]
    return [
        ("get", "edit", order.pk),
        ("post", "edit", order.pk),
        ("post", "cancel", order.pk),
        ("get", "match", order.pk),
        ("post", "drop_lines", order.pk),
        ("get", "add_line", order.pk),
        ("post", "add_line", order.pk),
        ("get", "line", line.pk),
        ("post", "line", line.pk),
        ("post", "remove_line", line.pk),
        ("post", "read_again", line.pk),
        ("get", "add_operation", line.pk),
        ("post", "add_operation", line.pk),
        ("get", "operation", step.pk),
        ("post", "operation", step.pk),
        ("post", "remove_operation", step.pk),
        ("get", "document", drawing),
    ]


def test_a_rival_and_an_outsider_learn_nothing(
    client_rival: Client, client_outsider: Client, acting_buyer: Acting
) -> None:
    intake = services.take_in(acting_buyer, "LP-40.step", [STEP])
    steps = (OperationIn("milling", run_s=600),)
    order = an_order(acting_buyer, LineIn(drawing=intake, operations=steps))
    drawing = Revision.objects.get().drawing_id
    before = Order.objects.values().get(), OrderLine.objects.values().get(), Operation.objects.values().get()
    for method, name, key in routes(order, drawing):
        for client, slug in (
            (client_rival, "ruian"),
            (client_rival, "lanshan"),
            (client_outsider, "lanshan"),
        ):
            foreign = getattr(client, method)(page(name, key, slug=slug))
            missing = getattr(client, method)(page(name, uuid.uuid4(), slug=slug))
            assert (foreign.status_code, missing.status_code) == (404, 404), name
            assert foreign.content == missing.content, name
            assert foreign.headers.items() == missing.headers.items(), name
    assert before == (
        Order.objects.values().get(),
        OrderLine.objects.values().get(),
        Operation.objects.values().get(),
    )


def test_who_is_not_signed_in_is_asked_to(client: Client, order: Order) -> None:
    answer = client.get(page("edit", order.pk))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("name", ["web:orders", "orders:new"])
def test_pages_hold_in_chinese(client_buyer: Client, order: Order, name: str) -> None:
    answer = client_buyer.get(reverse(name, args=["lanshan"]), headers={"accept-language": "zh-hans"})
    assert answer.status_code == 200
    assert "订单" in answer.content.decode()


def test_no_page_reads_the_tables_once_a_row(
    client_buyer: Client, acting_buyer: Acting, django_assert_max_num_queries: object, tmp_path: Path
) -> None:
    steps = tuple(OperationIn("milling", run_s=60) for _step in range(6))
    order = an_order(acting_buyer, *(LineIn(part=f"P-{number}", operations=steps) for number in range(8)))
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        client_buyer.get(page("edit", order.pk))
    with django_assert_max_num_queries(27):  # type: ignore[operator]
        client_buyer.get(page("match", order.pk))
