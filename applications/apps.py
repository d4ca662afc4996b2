"""App configuration."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """The case as the applicant sees it."""

    name = "applications"
    verbose_name = "申請案"

    def ready(self) -> None:
        """Say who may download the papers of a case, which extensions a call's page shows, and what plans count."""
        from applications import access, awards, feeds, previews, selectors, tryout
        from documents.access import conceal, register
        from programs import feeds as plans
        from programs import notices, tryouts

        register(access.reads_letters_of_cases)
        conceal(access.papers_of_own_companies)
        notices.register(selectors.public_extensions)
        for source in feeds.SOURCES:
            plans.register(source)
        plans.register_awards(awards.SOURCE)
        plans.register_waiting(awards.waiting)
        tryouts.register(tryout.CasesOfCalls())
        previews.register()
