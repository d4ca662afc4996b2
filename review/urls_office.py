"""The office's cases: /office/…"""

from django.urls import path

from review.views import giveback, office, qualification, qualification_outcome

app_name = "office"
urlpatterns = [
    path("", office.home, name="home"),
    path("cases/", office.case_list, name="cases"),
    path("cases/<uuid:pk>/", office.case_page, name="case"),
    path("cases/<uuid:pk>/kpis/", office.case_kpis, name="case_kpis"),
    path("cases/<uuid:pk>/files/<uuid:file>/", office.case_file, name="file"),
    path("cases/<uuid:pk>/take/", qualification.take, name="take"),
    path("cases/<uuid:pk>/qualification/", qualification.screen, name="qualification"),
    path("cases/<uuid:pk>/qualification/document/", qualification.document, name="document"),
    path("cases/<uuid:pk>/qualification/<str:code>/judge/", qualification.judge, name="judge"),
    path(
        "cases/<uuid:pk>/qualification/letter.pdf",
        qualification_outcome.letter_preview,
        name="letter_preview",
    ),
    path("cases/<uuid:pk>/qualify/", qualification_outcome.qualify, name="qualify"),
    path(
        "cases/<uuid:pk>/request-supplement/",
        qualification_outcome.request_supplement,
        name="request_supplement",
    ),
    path("cases/<uuid:pk>/return/", qualification_outcome.return_case, name="return"),
    path("cases/<uuid:pk>/give-back/", giveback.page, name="give_back"),
    path("cases/<uuid:pk>/supplement/extend/", qualification_outcome.extend, name="extend_supplement"),
    path("cases/<uuid:pk>/supplement/expire/", qualification_outcome.expire, name="expire_supplement"),
]
