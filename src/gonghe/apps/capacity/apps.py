"""Django application of capacity."""

from django.apps import AppConfig


class CapacityConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.capacity"
    label = "capacity"

    def ready(self) -> None:
        """Register what workers do for it."""
        from gonghe.apps.capacity import tasks  # noqa: F401
