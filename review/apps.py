"""App configuration."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Qualification check, expert review, decision."""

    name = "review"
    verbose_name = "審查"

    def ready(self) -> None:
        """Say who may download the papers of the review, and whom complaints concern; connect what happens elsewhere."""
        from documents.access import conceal, register
        from outreach import concern
        from review import access, previews, signals  # noqa: F401  signals registers its receivers
        from review.selectors import people

        register(access.reads_case_book)
        register(access.reads_score_sheet)
        conceal(access.review_of_own_companies)
        concern.register(people.office_behind)
        previews.register()
