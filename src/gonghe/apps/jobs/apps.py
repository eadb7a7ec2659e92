"""Django application of jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.jobs"
    label = "jobs"
