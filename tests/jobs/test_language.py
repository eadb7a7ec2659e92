"""A job speaks the language of whoever asked for it."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.translation import gettext

from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import Run, enqueue, run_until_idle, runner
from gonghe.apps.principal import SYSTEM

pytestmark = pytest.mark.django_db


@runner("tests.speaking")
def speak(_run: Run) -> dict[str, str]:
    """Say a word."""
    return {"said": gettext("done")}


def test_a_job_speaks_the_language_of_whoever_asked() -> None:
    with translation.override("zh-hans"):
        asked = enqueue(SYSTEM, "tests.speaking", {})
    usual = enqueue(SYSTEM, "tests.speaking", {})
    run_until_idle()
    said = [Job.objects.get(pk=one.pk).result for one in (asked, usual)]
    assert said == [{"said": "完成"}, {"said": "done"}]
    assert translation.get_language() == "en"
