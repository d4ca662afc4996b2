"""News for feed readers (Atom): what is shown, the newest first, the same as the page of news."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from core import clock, richtext
from outreach.enums import PublicationKind
from outreach.models import Publication

if TYPE_CHECKING:  # at run time the class takes no types
    _Feed = Feed[Publication, None]
else:
    _Feed = Feed

MOST = 30


def _address(path: str) -> str:
    """In full, by the setting: whatever host a request claims, a reader keeps the portal's own."""
    return f"{settings.PORTAL_URL}{path}"


class NewsFeed(_Feed):
    """The thirty newest; an entry's time is when it became public, so that nothing planned is told early."""

    feed_type = Atom1Feed
    title = "iPAS 企業數位人才實作培育補助：最新消息"
    subtitle = "徵案、說明會與系統公告"
    author_name = "計畫推動辦公室"

    def link(self) -> str:
        """The page of news."""
        return _address(reverse("public:news"))

    def feed_url(self) -> str:
        """This feed."""
        return _address(reverse("public:news_feed"))

    def items(self) -> list[Publication]:
        """One query."""
        shown = Publication.objects.shown(clock.now()).filter(kind=PublicationKind.NEWS)
        return list(shown.order_by("-published_from", "-pk")[:MOST])

    def item_title(self, item: Publication) -> str:
        """As the page has it; the reader escapes it."""
        return item.title

    def item_description(self, item: Publication) -> str:
        """The whole text without marks."""
        return richtext.plain(item.body)

    def item_link(self, item: Publication) -> str:
        """Its page."""
        return _address(item.get_absolute_url())

    def item_pubdate(self, item: Publication) -> datetime | None:
        """When it became public."""
        return item.published_from

    def item_updateddate(self, item: Publication) -> datetime:
        """When it was last changed, or became public after that."""
        assert item.published_from is not None
        return max(item.updated_at, item.published_from)


_feed = NewsFeed()


@login_not_required
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The feed. Two queries."""
    return _feed(request)
