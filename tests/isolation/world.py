"""One of everything, owned by firms that the visitors of these tests do not belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from tests.factories import People
from tests.plans.making import Scene
from tests.plans.making import scene as make_scene

from gonghe import clock
from gonghe.apps.audit.services import settle
from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity import busy, machinelist, starts
from gonghe.apps.capacity.offering import Terms, hold, publish
from gonghe.apps.jobs.models import Job
from gonghe.apps.members import services as members
from gonghe.apps.members.facts import today
from gonghe.apps.members.identity import save_certificate
from gonghe.apps.members.models import Membership, Role
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Document, Revision
from gonghe.apps.plans import services as plans
from gonghe.apps.plans.awarding import solve_award
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.wishes import Wish
from gonghe.apps.technology import extending, files, sharing
from gonghe.apps.technology.models import Capability
from gonghe.apps.workshop import handing, services
from gonghe.apps.workshop.access import visible_job_orders

TOKEN = "no-such-token"


@dataclass(frozen=True)
class World:
    """People, and the id that stands for each parameter of a route."""

    people: People
    scene: Scene
    plan: Plan
    ids: dict[str, UUID | str]


def build(people: People) -> World:
    """An order that was called, bid for, awarded and half made, and all that hangs on it."""
    scene = make_scene(people)
    call = scene.call()
    plan = solve_award(scene.buyer.principal, call)
    plan = plans.accept_award(scene.buyer, plan)
    settle()
    job_order = visible_job_orders(scene.owner).get()
    with clock.telling(job_order.planned_start):
        services.start(scene.owner, job_order)
        job_order.refresh_from_db()
    with clock.telling(job_order.planned_end):
        services.finish(scene.owner, job_order, good=62, scrap=0)
        handover = handing.send(scene.owner, scene.milling, quantity=30)
    invitation, _token = members.invite(people.owner, email="new@hengda.example", role=Role.OPERATOR)
    token, _secret = members.issue_token(people.owner, name="robot", scopes=["read"])
    drawing = orders.take_in(
        scene.buyer, "plate.step", [b"ISO-10303-21;\nHEADER;\nENDSEC;\nEND-ISO-10303-21;\n"]
    )
    document = Document.objects.create(
        organization=scene.buyer.organization,
        kind=Document.Kind.DRAWING,
        name=drawing.name,
        sha256=drawing.sha256,
        size=drawing.size,
        media_type=drawing.media_type,
    )
    own = people.owner.organization
    members.name_partner(people.owner, scene.buyer.organization)
    technology = sharing.save_technology(
        people.owner,
        sharing.TechnologyIn(
            kind="routing_template",
            title="Slots in one set-up",
            summary="Twelve slots in one set-up.",
            level="partners",
            content="Clamp on the flange.",
            template={"parameters": [], "steps": [{"number": 10, "process": "milling", "run": "60"}]},
        ),
    )
    intake = files.take_in(people.owner, "clamping.txt", [b"Clamp on the flange.\n"])
    file = files.add(people.owner, technology, intake)
    licence = sharing.ask(people.lanshan_owner, technology)
    sharing.accept(people.lanshan_owner, sharing.grant(people.owner, licence))
    Revision.objects.filter(lines=scene.milling.line).update(drawing=document)
    job = Job.objects.create(
        kind="plans.award", organization_id=scene.buyer.organization.pk, subject_id=scene.order.pk
    )
    scenario = Job.objects.create(
        kind="plans.scenario",
        organization_id=scene.buyer.organization.pk,
        subject_id=scene.order.pk,
        payload={"wish": Wish(overtime_h=1).to_json()},
    )
    role = Membership.objects.filter(organization=own, role=Role.OPERATOR).first()
    assert role is not None
    certificate, _change = save_certificate(
        people.owner, kind="ISO 9001", number="1", expires_on=today() + timedelta(days=300)
    )
    machine_list = machinelist.take_in(people.owner, "list.csv", b"No,Machine\nM7,Lathe\n")
    offer = publish(
        people.owner,
        [scene.mill],
        Terms(
            "Free hours", clock.now(), clock.now() + timedelta(days=7), Decimal(1), Decimal(20), Decimal(150)
        ),
    )[0]
    start, _end = starts.propose(offer, 4, scene.mill.zone).days[0][1][0]
    held = hold(scene.buyer, offer, start, Decimal(1))
    feed = busy.add_file(
        people.owner, scene.mill, name="own work", content=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    )
    later = clock.now() + timedelta(days=60)
    maintenance = busy.add_maintenance(people.owner, scene.mill, start=later, end=later + timedelta(hours=4))
    ids: dict[str, UUID | str] = {
        "feed_id": feed.pk,
        "busy_id": maintenance.pk,
        "order_id": scene.order.pk,
        "line_id": scene.milling.line_id,
        "operation_id": scene.milling.pk,
        "document_id": document.pk,
        "call_id": call.pk,
        "plan_id": plan.pk,
        "work_id": job.pk,
        "scenario_id": scenario.pk,
        "job_id": job_order.pk,
        "handover_id": handover.pk,
        "equipment_id": scene.mill.pk,
        "calendar_id": capacity.own_calendars(people.owner)[0].pk,
        "offer_id": offer.pk,
        "reservation_id": held.pk,
        "capability_id": Capability.objects.filter(organization=own)[0].pk,
        "technology_id": technology.pk,
        "licence_id": licence.pk,
        "file_id": file.pk,
        "site_id": own.sites.get().pk,
        "invitation_id": invitation.pk,
        "membership_id": role.pk,
        "role_id": role.pk,
        "token_id": token.pk,
        "token": TOKEN,
        "certificate_id": certificate.pk,
        "viewer": "rival",
        "firm": "hengda",
        "partner": "hengda",
        "process": "milling-3axis",
        "language": "en",
        "group": "prices",
        "list_id": machine_list.pk,
    }
    own_process = extending.save_process(people.office, parent="grinding", en="Lens grinding", zh="镜片研磨")
    ids["process_code"] = own_process.code
    return World(people, scene, plan, ids)
