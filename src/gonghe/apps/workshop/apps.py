"""Django application of workshop."""

from django.apps import AppConfig


class WorkshopConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.workshop"
    label = "workshop"

    def ready(self) -> None:
        """Let the subscribers register."""
        from gonghe.apps.workshop import tasks  # noqa: F401
