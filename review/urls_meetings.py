"""Decision meetings: /meetings/…"""

from django.urls import path

from review.views import decision, letters, meetings, record, scenarios

app_name = "meetings"
urlpatterns = [
    path("", meetings.meeting_list, name="list"),
    path("open/", meetings.meeting_open, name="open"),
    path("<int:pk>/", meetings.meeting_detail, name="detail"),
    path("<int:pk>/refresh/", meetings.meeting_refresh, name="refresh"),
    path("<int:pk>/record/", record.meeting_record, name="record"),
    path("<int:pk>/reconsider/", decision.meeting_reconsider, name="reconsider"),
    path("<int:pk>/send-back/", decision.meeting_send_back, name="send_back"),
    path("<int:pk>/confirm/", decision.meeting_confirm, name="confirm"),
    path("<int:pk>/confirming/", meetings.meeting_confirming, name="confirming"),
    path("<int:pk>/compare/", scenarios.scenario_compare, name="compare"),
    path("<int:pk>/scenarios/add/", scenarios.scenario_add, name="scenario_add"),
    path("<int:pk>/scenarios/<int:scenario>/", scenarios.scenario_page, name="scenario"),
    path("<int:pk>/scenarios/<int:scenario>/recompute/", scenarios.scenario_recompute, name="recompute"),
    path("<int:pk>/scenarios/<int:scenario>/delete/", scenarios.scenario_delete, name="scenario_delete"),
    path("<int:pk>/scenarios/<int:scenario>/adopt/", decision.meeting_adopt, name="adopt"),
    path("<int:pk>/letters/<slug:kind>/", letters.letters, name="letters"),
    path("<int:pk>/letters/<slug:kind>/<uuid:case>/preview/", letters.letter_preview, name="letter_preview"),
]
