"""What a new firm lacks shrinks as it joins; each missing thing has one button to its place."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import People, verify

from gonghe.apps.capacity import progress, services
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members import services as members
from gonghe.apps.members.acting import Acting, find_acting
from gonghe.apps.members.facts import today
from gonghe.apps.members.identity import save_certificate, save_profile

pytestmark = pytest.mark.django_db
CODE = "91350100M000100Y43"  # the example of GB 32100-2015


def lacking(acting: Acting) -> list[str]:
    fresh = find_acting(acting.user, acting.organization.slug)
    return [one.key for one in progress.steps(fresh) if not one.done]


def test_each_deed_ticks_off_its_step(people: People, mill: Equipment) -> None:
    assert lacking(people.rival) == [
        "equipment", "capabilities", "calendar", "price", "registration", "verification",
    ]  # fmt: skip
    assert lacking(people.owner) == ["price", "registration", "verification"]
    services.save_rate(people.owner, mill, per_hour=Decimal(180), published=True)
    assert lacking(people.owner) == ["registration", "verification"]
    save_profile(people.owner, name="Hengda Precision", registration_code=CODE)
    verify(people.office, people.owner.organization, "name")
    assert lacking(people.owner) == ["verification"]
    verify(people.office, people.owner.organization, "registration_code")
    assert lacking(people.owner) == []
    save_certificate(people.owner, kind="ISO 9001", number="1", expires_on=today() + timedelta(days=59))
    assert lacking(people.owner) == ["certificates"]
    save_certificate(people.owner, kind="ISO 9001", number="2", expires_on=today() + timedelta(days=60))
    assert lacking(people.owner) == []
    members.set_disclosure(people.owner, group="capabilities", level="nobody")
    assert lacking(people.owner) == ["disclosure"]


def test_the_page_leads_to_the_first_missing_thing(
    client_owner: Client, people: People, mill: Equipment
) -> None:
    address = reverse("capacity:progress", args=["hengda"])
    page = client_owner.get(address).content.decode()
    assert "3 things are missing" in page
    assert f'class="button" href="{reverse("capacity:edit_equipment", args=["hengda", mill.pk])}"' in page
    read = client_owner.get("/api/o/hengda/progress").json()
    assert [one["key"] for one in read if not one["done"]] == ["price", "registration", "verification"]
