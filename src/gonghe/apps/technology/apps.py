"""Django application of technology."""

from django.apps import AppConfig


class TechnologyConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.technology"
    label = "technology"
