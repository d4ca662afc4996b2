"""What everybody reads, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from core import richtext
from outreach.enums import PublicationKind, RegistrationState
from outreach.models import Event, Publication, PublicationFile, Topic
from outreach.rules.finding import excerpt, has_all, pieces, spellings, words_of
from programs.models import Call

PER_GROUP = 20
MAX_QUESTION = 100

_FILES = Prefetch("files", queryset=PublicationFile.objects.select_related("file"))


def published(kind: str, now: datetime) -> QuerySet[Publication]:
    """Everything of a kind that is shown, with topic and files. Two queries for a page."""
    return Publication.objects.shown(now).filter(kind=kind).select_related("topic").prefetch_related(_FILES)


def by_topic(rows: Sequence[Publication]) -> list[tuple[Topic, list[Publication]]]:
    """Rows with a topic, grouped in the topics' order, each by its own order. No query."""
    groups: dict[int, tuple[Topic, list[Publication]]] = {}
    for row in sorted(rows, key=lambda r: (r.order, r.pk)):
        assert row.topic is not None
        groups.setdefault(row.topic.pk, (row.topic, []))[1].append(row)
    return sorted(groups.values(), key=lambda group: (group[0].order, group[0].code))


def matching(found: QuerySet[Publication], question: str) -> QuerySet[Publication]:
    """Those in which every word of the question stands, in the title, the text or the topic's name."""
    for word in words_of(question):
        somewhere = Q()
        for spelling in spellings(word):
            somewhere |= Q(title__icontains=spelling) | Q(body__icontains=spelling)
            somewhere |= Q(topic__name__icontains=spelling)
        found = found.filter(somewhere)
    return found


def detail(user: Any, kind: str, pk: int, now: datetime) -> Publication | None:
    """One publication with its files; drafts for editors only. Two queries."""
    rows = Publication.objects.visible_to(user, now).filter(kind=kind, pk=pk)
    return rows.select_related("topic", "event").prefetch_related(_FILES).first()


def with_places(events: QuerySet[Event]) -> QuerySet[Event]:
    """Count who has a place and who waits."""
    return events.annotate(
        taken=Count("registrations", filter=Q(registrations__state=RegistrationState.REGISTERED)),
        waiting=Count("registrations", filter=Q(registrations__state=RegistrationState.WAITLISTED)),
    )


def _events(now: datetime) -> QuerySet[Event]:
    shown = Publication.objects.shown(now).filter(kind=PublicationKind.EVENT)
    return with_places(Event.objects.filter(publication__in=shown).select_related("publication"))


def coming_events(now: datetime, most: int = 50) -> list[Event]:
    """Events that are not over, the next one first. One query."""
    return list(_events(now).filter(ends_at__gte=now).order_by("starts_at", "pk")[:most])


def past_events(now: datetime) -> QuerySet[Event]:
    """Events that are over, the last one first."""
    return _events(now).filter(ends_at__lt=now).order_by("-starts_at", "pk")


def front_page(now: datetime) -> dict[str, Any]:
    """The newest news and the next events for the landing page. Two queries."""
    news = Publication.objects.shown(now).filter(kind=PublicationKind.NEWS)
    return {"news": list(news[:3]), "events": coming_events(now, 2)}


@dataclass
class Hit:
    """One thing found: its title and the words around the first hit, cut where the hits are."""

    url: str
    title: list[tuple[str, bool]]
    excerpt: list[tuple[str, bool]]
    note: str = ""


@dataclass
class Group:
    """Hits of one kind; ``count`` may be more than are shown."""

    label: str
    url: str
    count: int = 0
    hits: list[Hit] = field(default_factory=list)
    note: str = ""


def find(question: str, now: datetime) -> list[Group]:
    """Calls and everything that is published in which all words of the question stand. Three queries."""
    words = words_of(question[:MAX_QUESTION])
    if not words:
        return []
    calls, rules = Group("徵案公告", reverse("calls:list")), Group("規定", reverse("calls:list"))
    for call in Call.objects.public().with_terms().exclude(current_terms=None):
        terms = call.terms
        if has_all(words, f"{call.name} {terms.summary}"):
            url = reverse("calls:detail", args=[call.slug])
            calls.hits.append(Hit(url, pieces(call.name, words), excerpt(terms.summary, words)))
        if not rules.note:  # the rules of the newest call only: earlier rounds say the same again
            rules.note, rules.url = call.name, reverse("calls:rules", args=[call.slug])
            for rule in terms.rules:
                if has_all(words, f"{rule.title} {rule.text}"):
                    url = reverse("calls:rule", args=[call.slug, rule.id])
                    note = f"{rule.id} · {rule.clause}"
                    rules.hits.append(Hit(url, pieces(rule.title, words), excerpt(rule.text, words), note))
    for group in (calls, rules):
        group.count = len(group.hits)
        del group.hits[PER_GROUP:]
    groups = {kind: Group(str(kind.label), reverse(f"public:{kind.value}")) for kind in PublicationKind}
    found = matching(Publication.objects.shown(now).select_related("topic", "event"), question[:MAX_QUESTION])
    for row in found:
        group = groups[PublicationKind(row.kind)]
        group.count += 1
        if len(group.hits) < PER_GROUP:
            group.hits.append(_hit(row, words))
    order = ("faq", "news", "download", "event", "story")
    found_in = (calls, *(groups[PublicationKind(kind)] for kind in order), rules)
    return [group for group in found_in if group.count]


def _hit(row: Publication, words: list[str]) -> Hit:
    note = row.topic.name if row.topic else ""
    return Hit(
        row.get_absolute_url(), pieces(row.title, words), excerpt(richtext.plain(row.body), words), note
    )


def topics_in_use(kind: str, now: datetime) -> list[Topic]:
    """Topics under which something of the kind is shown. One query."""
    shown = Publication.objects.shown(now).filter(kind=kind)
    return list(Topic.objects.filter(publications__in=shown).distinct())


def suggestions(now: datetime) -> dict[str, Any]:
    """What a search that finds nothing offers: topics with answers and the most helpful answers. Two queries."""
    faq = Publication.objects.shown(now).filter(kind=PublicationKind.FAQ)
    return {
        "topics": topics_in_use(PublicationKind.FAQ, now),
        "faq": list(faq.order_by("-helpful", "order", "pk")[:5]),
    }
