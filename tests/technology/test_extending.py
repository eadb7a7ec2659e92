"""The cluster office adds a process and a property; matching and search use them; members may not add."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from tests.factories import People, signed_in

from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError
from gonghe.apps.capacity.finding import find
from gonghe.apps.capacity.matching import candidates
from gonghe.apps.technology import services, taxonomy
from gonghe.apps.technology.extending import add_property, save_process
from gonghe.apps.technology.models import OwnProcess
from gonghe.apps.technology.words import process_name

LENS = {
    "parent": "grinding",
    "en": "Lens grinding",
    "zh": "镜片研磨",
    "synonyms": ["optical grinding", "磨镜片"],
}


def lens(people: People, **changed: Any) -> OwnProcess:
    """Grinding of lenses, judged by how much light they scatter."""
    haze = add_property(people.office, en="haze", zh="雾度", unit="", kind="grade")
    return save_process(people.office, **{**LENS, "properties": [haze.code], **changed})


def test_search_and_matching_use_it_at_once(people: People) -> None:
    """Haze 3 is wanted; Hengda reaches 2, Ruian 5: two too much. Who only asks for grinding finds both."""
    assert find(people.buyer, "optical grinding, haze: 3").query.process == "grinding"
    lens(people)
    for acting, best in ((people.owner, 2), (people.rival, 5)):
        services.save_capability(acting, process="lens-grinding", constraints={"haze": {"min": best}})
    for text in ("optical grinding, haze: 3", "镜片研磨；雾度：3"):
        found = find(people.buyer, text)
        assert found.query.process == "lens-grinding"
        assert [one.firm.slug for one in found.can] == ["hengda"]
        assert [(one.firm.slug, one.match.misses[0].gap) for one in found.nearly] == [("ruian", 2)]
    assert len(find(people.buyer, "grinding").can) == 2


def test_a_changed_name_is_read_everywhere(people: People, client_owner: Client) -> None:
    """Its code stays; another process of the installation sees it with its next request."""
    code = lens(people).code
    services.save_capability(people.owner, process=code, constraints={})
    find(people.buyer, "lens grinding")
    save_process(people.office, **{**LENS, "en": "Optics grinding"}, code=code)
    assert (code, process_name(code)) == ("lens-grinding", "Optics grinding")
    assert len(find(people.buyer, "optics grinding").can) == 1
    OwnProcess.objects.update(en="Glass grinding", changed_at="2030-01-01T00:00Z")  # as another process would
    page = client_owner.get("/o/hengda/technology/").content.decode()
    assert "Glass grinding" in page


def test_a_search_in_between_keeps_up_with_a_process_that_another_web_process_adds(people: People) -> None:
    """Its row and a capability of it come while the taxonomy was looked at already."""
    find(people.buyer, "grinding")
    OwnProcess.objects.create(code="lens-grinding", parent="grinding", en="Lens grinding", zh="镜片研磨")
    key = people.owner.organization.capabilities.create(process="lens-grinding").pk
    with recording(people.owner.principal) as record:
        record("technology.capability.saved", objects={"capability": key})
    assert len(find(people.buyer, "grinding").can) == 1


def test_faults_are_told_in_the_language_of_the_reader(people: People) -> None:
    """Every sentence of the engine that a member can meet has its own in Chinese, names included."""
    with translation.override("zh-hans"), pytest.raises(InvalidError) as refused:
        candidates(people.buyer.organization, {"process": "turning", "properties": {"diameter_mm": "big"}})
    assert refused.value.message == "该要求无法比较：“直径”应为数字，不是 'big'。"
    with translation.override("zh-hans"), pytest.raises(InvalidError) as refused:
        services.save_capability(people.owner, process="turnin", constraints={})
    assert "没有工艺 'turnin'；是否指" in refused.value.message


def test_only_the_office_adds(people: People) -> None:
    with pytest.raises(ForbiddenError, match="cluster office"):
        save_process(people.owner, **LENS)
    with pytest.raises(ForbiddenError, match="cluster office"):
        add_property(people.owner, en="haze", zh="雾度", unit="", kind="grade")
    assert "lens-grinding" not in taxonomy.current().processes


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"parent": "magic"}, InvalidError, "Choose a process"),
        ({"properties": ["magic"]}, InvalidError, "Choose properties"),
        ({"en": "Turning"}, ConflictError, "“Turning” is known already"),
        ({"synonyms": ["车床"]}, ConflictError, "“车床” is known already"),
        ({"en": "磨"}, InvalidError, "English name"),
        ({"synonyms": ["x" * 61]}, InvalidError, "at most 30 other names"),
    ],
)
def test_what_makes_no_sense_is_refused(
    people: People, changed: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        save_process(people.office, **{**LENS, **changed})


def test_a_process_does_not_come_below_itself(people: People) -> None:
    own = lens(people)
    below = save_process(people.office, parent=own.code, en="Fine lens grinding", zh="镜片精磨")
    with pytest.raises(InvalidError, match="the one above"):
        save_process(people.office, **{**LENS, "parent": below.code}, code=own.code)


def test_pages_and_api(people: People, client_owner: Client) -> None:
    """The office adds by form and by API; a member sees the list and is refused."""
    office = signed_in(people.office)
    posted = office.post(
        "/o/park/technology/properties/add/", {"en": "haze", "zh": "雾度", "unit": "", "kind": "grade"}
    )
    assert posted.status_code == 302
    body = {**LENS, "synonyms": "optical grinding，磨镜片", "properties": ["haze"]}
    assert office.post("/o/park/technology/processes/", body).status_code == 302
    assert office.post("/o/park/technology/processes/", body).status_code == 422
    page = client_owner.get("/o/hengda/technology/processes/").content.decode()
    assert "Lens grinding" in page
    assert "Add the process" not in page
    assert client_owner.post("/o/hengda/technology/processes/", body | {"en": "New"}).status_code == 422
    (own,) = office.get("/api/o/park/processes/own").json()
    assert own["synonyms"] == ["optical grinding", "磨镜片"]
    renamed = office.put(
        "/api/o/park/processes/own/lens-grinding",
        {**own, "zh": "透镜研磨"},
        content_type="application/json",
        headers={"Idempotency-Key": "process-1"},
    )
    assert renamed.status_code == 200, renamed.content
    assert renamed.json()["zh"] == "透镜研磨"
    refused = client_owner.post(
        "/api/o/hengda/processes/own",
        own,
        content_type="application/json",
        headers={"Idempotency-Key": "process-2"},
    )
    assert refused.status_code == 403
