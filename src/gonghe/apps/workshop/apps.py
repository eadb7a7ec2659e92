"""Django application of workshop."""

from django.apps import AppConfig


class WorkshopConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.workshop"
    label = "workshop"
