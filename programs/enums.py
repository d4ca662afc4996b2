"""Choices of calls and of the calendar."""

from __future__ import annotations

from django.db import models


class CallState(models.TextChoices):
    """A call is drafted, then published (its terms frozen); its window says whether it accepts applications."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已公告"


class DayKind(models.TextChoices):
    """Days that differ from Monday-to-Friday."""

    OFF = "off", "放假日"
    MAKEUP = "makeup", "補班日"
    TYPHOON = "typhoon", "天災停班"


class Zone(models.TextChoices):
    """Regions of the advantage rule (R5)."""

    CENTRE = "centre", "中部"
    SOUTH = "south", "南部"
    OFFSHORE = "offshore", "離島"
