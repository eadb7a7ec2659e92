"""Django application of plans."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Registers the application under its short name, and what it does when something happens."""

    name = "gonghe.apps.plans"
    label = "plans"

    def ready(self) -> None:
        """Register subscribers and jobs."""
        from gonghe.apps.plans import tasks  # noqa: F401
