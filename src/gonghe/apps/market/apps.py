"""Django application of market."""

from django.apps import AppConfig


class MarketConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.market"
    label = "market"

    def ready(self) -> None:
        """Listen to what happens below."""
        from gonghe.apps.market import tasks

        _ = tasks
