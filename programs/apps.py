from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "programs"

    def ready(self) -> None:
        """Say who may download the reports of plans."""
        from documents.access import register
        from programs import access

        register(access.reads_plan_reports)
