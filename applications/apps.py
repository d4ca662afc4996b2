"""App configuration."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """The case as the applicant sees it."""

    name = "applications"
    verbose_name = "申請案"

    def ready(self) -> None:
        """Say who may download the papers of a case, and which extensions a call's page shows."""
        from applications import access, selectors
        from documents.access import register
        from programs import notices

        register(access.reads_letters_of_cases)
        notices.register(selectors.public_extensions)
