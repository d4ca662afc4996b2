"""Addresses: the public pages each under their own name, the office's under /outreach/."""

from django.urls import include, path

from outreach.views import desk, events, feed, inquiries, public, staff

_public = [
    path("news/", public.news_list, name="news"),
    path("news/feed/", feed.news, name="news_feed"),
    path("news/<int:pk>/", public.news_detail, name="news_detail"),
    path("faq/", public.faq_list, name="faq"),
    path("faq/<int:pk>/", public.faq_detail, name="faq_detail"),
    path("faq/<int:pk>/vote/", public.faq_vote, name="faq_vote"),
    path("downloads/", public.download_list, name="download"),
    path("downloads/files/<int:pk>/", public.file_download, name="file"),
    path("stories/", public.story_list, name="story"),
    path("stories/<int:pk>/", public.story_detail, name="story_detail"),
    path("events/", events.event_list, name="event"),
    path("events/<int:pk>/", events.event_detail, name="event_detail"),
    path("events/<int:pk>/event.ics", events.event_calendar, name="event_calendar"),
    path("events/registrations/<str:token>/", events.registration, name="registration"),
    path("inquiries/", inquiries.contact, name="contact"),
    path("inquiries/<str:token>/", inquiries.inquiry, name="inquiry"),
    path("inquiries/<str:token>/files/<int:pk>/", inquiries.inquiry_file, name="inquiry_file"),
    path("find/", public.find, name="find"),
]
_office = [
    path("", staff.home, name="home"),
    path("new/<str:kind>/", staff.publication_new, name="new"),
    path("<int:pk>/", staff.publication_edit, name="edit"),
    path("<int:pk>/take-down/", staff.take_down, name="take_down"),
    path("files/<int:pk>/remove/", staff.file_remove, name="file_remove"),
    path("events/<int:pk>/attendees/", staff.attendees, name="attendees"),
    path("events/<int:pk>/attendees/export/", staff.attendees_export, name="attendees_export"),
    path("registrations/<int:pk>/cancel/", staff.registration_cancel, name="registration_cancel"),
    path("inquiries/", desk.queue, name="inquiries"),
    path("inquiries/report/", desk.report, name="report"),
    path("inquiries/<int:pk>/", desk.detail, name="inquiry"),
    path("inquiries/<int:pk>/take/", desk.take, name="take"),
    path("inquiries/<int:pk>/assign/", desk.assign, name="assign"),
    path("inquiries/<int:pk>/note/", desk.add_note, name="note"),
    path("inquiries/<int:pk>/concerned/", desk.concerned, name="concerned"),
    path("inquiries/<int:pk>/files/<int:file>/", desk.inquiry_file, name="inquiry_file"),
    path("settings/", desk.service, name="service"),
]
urlpatterns = [
    path("", include((_public, "public"))),
    path("outreach/", include((_office, "outreach"))),
]
