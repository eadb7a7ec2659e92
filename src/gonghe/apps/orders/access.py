"""Who may see which orders, parts and files: their owner's people, nobody else.

What invited and contracted firms may see of an order is decided by the market, above this app.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from gonghe import storage
from gonghe.apps.base import NotFoundError
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Document, Operation, Order, OrderLine


def visible_orders(acting: Acting) -> QuerySet[Order]:
    """Orders of the acting organisation, newest first."""
    return (
        Order.objects.filter(organization=acting.organization)
        .select_related("organization", "destination")
        .order_by("-created_at")
    )


def get_order(acting: Acting, order_id: UUID) -> Order:
    """An order of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = visible_orders(acting).filter(pk=order_id).first()
    if found is None:
        raise NotFoundError
    return found


def lines_of(order: Order) -> QuerySet[OrderLine]:
    """Lines of an order the caller may see, with parts and operations."""
    return (
        OrderLine.objects.filter(order=order)
        .select_related("order", "revision__part", "revision__drawing", "parent__revision__part")
        .prefetch_related("operations__after__line__revision__part")
        .order_by("number")
    )


def operations_of(order: Order) -> QuerySet[Operation]:
    """Operations of an order the caller may see, line by line."""
    return (
        Operation.objects.filter(line__order=order)
        .select_related("line__revision__part", "line__order")
        .prefetch_related("after__line__revision__part")
    )


def get_line(acting: Acting, line_id: UUID) -> OrderLine:
    """A line of an order of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = (
        OrderLine.objects.filter(order__organization=acting.organization, pk=line_id)
        .select_related(
            "order__organization", "order__destination", "revision__part", "revision__drawing", "parent"
        )
        .first()
    )
    if found is None:
        raise NotFoundError
    return found


def get_operation(acting: Acting, operation_id: UUID) -> Operation:
    """An operation of an order of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = (
        Operation.objects.filter(line__order__organization=acting.organization, pk=operation_id)
        .select_related(
            "line__order__destination", "line__revision__part", "line__revision__drawing", "line__parent"
        )
        .first()
    )
    if found is None:
        raise NotFoundError
    return found


def get_document(acting: Acting, document_id: UUID) -> Document:
    """A file of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = Document.objects.filter(organization=acting.organization, pk=document_id).first()
    if found is None:
        raise NotFoundError
    return found


def reading_job(line: OrderLine) -> Job | None:
    """The latest job that reads a line's drawing."""
    return Job.objects.filter(subject_id=line.pk, kind="orders.analyse").order_by("-created_at").first()


def stored_documents() -> Iterator[tuple[Document, Path]]:
    """Every stored file and where it must lie, for a check of the installation; nobody is shown them."""
    for document in Document.objects.order_by("pk").iterator():
        yield document, storage.path_of(str(document.organization_id), document.sha256)
