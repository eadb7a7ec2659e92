"""Django application of plans."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.plans"
    label = "plans"
