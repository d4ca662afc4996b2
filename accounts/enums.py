"""Choices of people and organisations."""

from __future__ import annotations

from django.db import models


class MemberRole(models.TextChoices):
    """What a member may do for the organisation."""

    OWNER = "owner", "擁有者"
    EDITOR = "editor", "編輯者"
    VIEWER = "viewer", "檢視者"


class RequestState(models.TextChoices):
    """A request to join an organisation that is already registered."""

    WAITING = "waiting", "等待擁有者回覆"
    ACCEPTED = "accepted", "已同意"
    REFUSED = "refused", "已婉拒"


class SizeBand(models.TextChoices):
    """Company size; the border of 50/51 heads is that of the 5+2 policy."""

    SMALL = "small", "50 人以下"
    LARGE = "large", "51 人以上"


class Gender(models.TextChoices):
    """Asked for statistics and for the one-third rule of panels."""

    FEMALE = "female", "女"
    MALE = "male", "男"
    OTHER = "other", "其他／不透露"
