"""Choices of calls, of the calendar, and of plans with their KPIs and budgets."""

from __future__ import annotations

from django.db import models


class CallState(models.TextChoices):
    """A call is drafted, then published (its terms frozen); its window says whether it accepts applications.

    Closed: nothing changes any more. Archived: out of the public lists, its pages can still be read.
    """

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已公告"
    CLOSED = "closed", "已結案"
    ARCHIVED = "archived", "已封存"


class DraftState(models.TextChoices):
    """Terms of a call are written, then published as a version, or given up."""

    OPEN = "open", "編輯中"
    PUBLISHED = "published", "已公告"
    DISCARDED = "discarded", "已捨棄"


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


class PartLevel(models.TextChoices):
    """A plan is a tree: the plan itself, its sub-programmes, their items."""

    PLAN = "plan", "計畫"
    SUB_PROGRAMME = "sub_programme", "細部計畫"
    ITEM = "item", "子項"


class Direction(models.TextChoices):
    """Whether a higher or a lower value is better."""

    UP = "up", "越高越好"
    DOWN = "down", "越低越好"


class Accumulation(models.TextChoices):
    """How reported values of a year become the year's value: added up, or the latest counts."""

    CUMULATIVE = "cumulative", "累計"
    LATEST = "latest", "取最新值"


class Span(models.TextChoices):
    """Whether each year has a target of its own, or targets are running totals over the plan."""

    YEAR = "year", "逐年目標"
    PLAN = "plan", "全程累計目標"


class PeriodState(models.TextChoices):
    """A reporting period takes values until the office locks it."""

    OPEN = "open", "開放填報"
    LOCKED = "locked", "已鎖定"


class BudgetStage(models.TextChoices):
    """What was asked for, and what was approved (B005)."""

    ASKED = "asked", "送審數"
    APPROVED = "approved", "核定數"


class BudgetCategory(models.TextChoices):
    """Categories of B005. The three last ones stand where a document prints no finer split."""

    PERSONNEL = "personnel", "人事費"
    MATERIAL = "material", "材料費"
    OTHER = "other", "其他費用"
    LAND = "land", "土地建築"
    EQUIPMENT = "equipment", "儀器設備"
    OTHER_CAPITAL = "other_capital", "其他資本支出"
    RECURRENT = "recurrent", "經常支出（未細分）"
    CAPITAL = "capital", "資本支出（未細分）"
    UNSPLIT = "unsplit", "未細分"


RECURRENT = (
    BudgetCategory.PERSONNEL,
    BudgetCategory.MATERIAL,
    BudgetCategory.OTHER,
    BudgetCategory.RECURRENT,
)
CAPITAL = (
    BudgetCategory.LAND,
    BudgetCategory.EQUIPMENT,
    BudgetCategory.OTHER_CAPITAL,
    BudgetCategory.CAPITAL,
)


class MeasureKind(models.TextChoices):
    """What parliament or the ministry does to a year's budget (114 伍.七; X6)."""

    FREEZE = "freeze", "凍結"
    CUT = "cut", "刪減"


class MeasureState(models.TextChoices):
    """A measure is drafted with its effect shown, confirmed, and a freeze may be lifted."""

    DRAFT = "draft", "試算中"
    IN_FORCE = "in_force", "生效"
    LIFTED = "lifted", "已解除"
    DROPPED = "dropped", "未採用"


class EntryKind(models.TextChoices):
    """Money that moved: paid to awarded applicants, or returned by them."""

    PAID = "paid", "撥付"
    RETURNED = "returned", "繳回"
