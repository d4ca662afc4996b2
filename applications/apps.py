"""App configuration."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """The case as the applicant sees it."""

    name = "applications"
    verbose_name = "申請案"

    def ready(self) -> None:
        """Say who may download the papers of a case."""
        from applications import access
        from documents.access import register

        register(access.reads_letters_of_cases)
