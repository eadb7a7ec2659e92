"""Django application of members."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Registers the application under its short name."""

    name = "gonghe.apps.members"
    label = "members"
