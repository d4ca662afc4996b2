"""App configuration."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Checking, scoring and deciding."""

    name = "review"
    verbose_name = "審查"

    def ready(self) -> None:
        """Connect what happens elsewhere."""
        from review import signals  # noqa: F401  registers its receivers
