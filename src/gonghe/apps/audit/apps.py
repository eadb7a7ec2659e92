"""Django application of audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.audit"
    label = "audit"
