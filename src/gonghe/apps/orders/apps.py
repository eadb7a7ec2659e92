"""Django application of orders."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.orders"
    label = "orders"

    def ready(self) -> None:
        """Register the background work."""
        from gonghe.apps.orders import tasks  # noqa: F401
