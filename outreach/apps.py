"""App configuration."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """The public face: what the office tells everybody, and what everybody asks the office."""

    name = "outreach"
    verbose_name = "對外服務"
