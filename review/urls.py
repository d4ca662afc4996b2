"""Everything of the office, the reviewers and the meetings: one list of addresses for each audience."""

from django.urls import include, path

urlpatterns = [
    path("office/", include("review.urls_office")),
    path("review/", include("review.urls_review")),
    path("meetings/", include("review.urls_meetings")),
    path("calls/", include("review.urls_results")),
]
