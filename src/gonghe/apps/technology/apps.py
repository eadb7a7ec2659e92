"""Django application of technology."""

from django.apps import AppConfig


class TechnologyConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.technology"
    label = "technology"

    def ready(self) -> None:
        """A job begins with the processes as they are then, as a request does."""
        from gonghe.apps.jobs.services import job_starts
        from gonghe.apps.technology.taxonomy import forget

        job_starts.connect(lambda **_facts: forget(), weak=False, dispatch_uid="technology.taxonomy")
