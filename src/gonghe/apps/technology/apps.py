"""Django application of technology."""

from django.apps import AppConfig


class TechnologyConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.technology"
    label = "technology"

    def ready(self) -> None:
        """A job begins with the processes as they are then, as a request does."""
        from gonghe.apps.jobs.services import before_each_job
        from gonghe.apps.technology.taxonomy import forget

        before_each_job(forget)
