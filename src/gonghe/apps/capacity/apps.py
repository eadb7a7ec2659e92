"""Django application of capacity."""

from django.apps import AppConfig


class CapacityConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.capacity"
    label = "capacity"
