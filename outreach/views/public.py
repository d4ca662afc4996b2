"""Pages that anybody may read: news, answers, downloads, stories, events; and the search over all of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core import clock
from documents import throttle
from outreach.enums import PublicationKind
from outreach.forms.public import FindForm
from outreach.models import Publication, PublicationFile
from outreach.selectors import public as selectors
from outreach.services import publications as services
from outreach.views.common import give

PER_PAGE = 20
VOTED = "faq_votes"


def get_publication(request: HttpRequest, kind: str, pk: int) -> Publication:
    """The publication, if this visitor may see it; else 404."""
    row = selectors.detail(request.user, kind, pk, clock.now())
    if row is None:
        raise Http404
    return row


def frame(request: HttpRequest, row: Publication) -> dict[str, Any]:
    """What every page of one publication shows; editors are told when it is not public."""
    files = list(row.files.all())
    user: Any = request.user
    may_edit = user.is_authenticated and user.has_permission("outreach.edit")
    return {
        "row": row,
        "pictures": [file for file in files if file.file.is_image],
        "files": file_items([file for file in files if not file.file.is_image]),
        "may_edit": may_edit,
        "stage": None if row.is_shown(clock.now()) else row.stage(clock.now())[0],
    }


def file_items(files: list[PublicationFile]) -> list[dict[str, Any]]:
    """Files for ``components/file_list.html``, with their format."""
    return [
        {
            "name": file.file.original_name,
            "url": reverse("public:file", args=[file.pk]),
            "size": file.file.size,
            "meta": file.format,
        }
        for file in files
    ]


@login_not_required
@require_safe
def news_list(request: HttpRequest) -> HttpResponse:
    """News, pinned first, then the newest."""
    found = selectors.published(PublicationKind.NEWS, clock.now())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "outreach/public/news_list.html", {"page_obj": page})


@login_not_required
@require_safe
def news_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of news."""
    row = get_publication(request, PublicationKind.NEWS, pk)
    return render(request, "outreach/public/detail.html", frame(request, row))


@login_not_required
@require_safe
def story_list(request: HttpRequest) -> HttpResponse:
    """Result stories, the newest first."""
    found = selectors.published(PublicationKind.STORY, clock.now())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "outreach/public/story_list.html", {"page_obj": page})


@login_not_required
@require_safe
def story_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One result story."""
    row = get_publication(request, PublicationKind.STORY, pk)
    return render(request, "outreach/public/detail.html", frame(request, row))


@login_not_required
@require_safe
def faq_list(request: HttpRequest) -> HttpResponse:
    """Questions and answers by topic, all on one page; ``q`` narrows them down."""
    now = clock.now()
    form = FindForm(request.GET)
    question = form.cleaned_data["q"] if form.is_valid() else ""
    found = selectors.published(PublicationKind.FAQ, now)
    rows = list(selectors.matching(found, question) if question else found)
    return render(
        request,
        "outreach/public/faq_list.html",
        {
            "form": form,
            "question": question,
            "clear_url": request.path if question else "",
            "groups": selectors.by_topic(rows),
            "count": len(rows),
            "voted": request.session.get(VOTED, []),
        },
    )


@login_not_required
@require_safe
def faq_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One question with its answer: an address to send to somebody."""
    row = get_publication(request, PublicationKind.FAQ, pk)
    context = frame(request, row) | {"voted": pk in request.session.get(VOTED, [])}
    return render(request, "outreach/public/faq_detail.html", context)


@login_not_required
@require_POST
def faq_vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Count a yes or no to 有幫助嗎, one for each answer and browser."""
    row = get_object_or_404(Publication.objects.shown(clock.now()), kind=PublicationKind.FAQ, pk=pk)
    voted = request.session.get(VOTED, [])
    answer = request.POST.get("helpful")
    if throttle.too_many(request, name="faq-vote", limit=20):
        messages.error(request, "評價次數太多，請過一分鐘再試。")
    elif answer in ("yes", "no") and pk not in voted:
        services.vote(publication=row, helpful=answer == "yes")
        request.session[VOTED] = [*voted, pk][-200:]
        messages.success(request, "謝謝您的回饋。")
    return redirect("public:faq_detail", pk)


@login_not_required
@require_safe
def download_list(request: HttpRequest) -> HttpResponse:
    """Downloads by topic, each file with format and size."""
    rows = list(selectors.published(PublicationKind.DOWNLOAD, clock.now()))
    groups = [
        (topic, [{"row": row, "files": file_items(list(row.files.all()))} for row in found])
        for topic, found in selectors.by_topic(rows)
    ]
    return render(request, "outreach/public/download_list.html", {"groups": groups})


@login_not_required
@require_safe
def file_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of what is shown; of drafts for editors only."""
    visible = Publication.objects.visible_to(request.user, clock.now())
    file = get_object_or_404(
        PublicationFile.objects.filter(publication__in=visible).select_related("file"), pk=pk
    )
    return give(request, file.file)


@login_not_required
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The search over calls and everything that is published."""
    now = clock.now()
    form = FindForm(request.GET)
    question = form.cleaned_data["q"] if form.is_valid() else ""
    groups = selectors.find(question, now) if question else []
    context = {"form": form, "question": question, "groups": groups, "count": sum(g.count for g in groups)}
    if not groups:
        context |= selectors.suggestions(now)
    return render(request, "outreach/public/find.html", context)
