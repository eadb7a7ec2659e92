"""Django application of the pages that compose several apps."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers the base layout, its tags and its static files."""

    name = "gonghe.web"
    label = "web"
