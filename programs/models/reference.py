"""Tables that staff maintain: the working-day calendar, regions, exam pass rates."""

from __future__ import annotations

from django.db import models

from programs.enums import DayKind, Zone


class CalendarDay(models.Model):
    """A day that differs from the plain week; seeded from a library, edited by staff (typhoon days)."""

    date = models.DateField(unique=True)
    kind = models.CharField(max_length=10, choices=DayKind.choices)
    name = models.CharField("名稱", max_length=60)

    class Meta:
        ordering = ("date",)

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Region(models.Model):
    """A city, or one township of it, that belongs to a zone of the advantage rule (R5)."""

    city = models.CharField(max_length=10)
    township = models.CharField(max_length=20, blank=True, help_text="留空代表整個縣市")
    zone = models.CharField(max_length=10, choices=Zone.choices)

    class Meta:
        ordering = ("zone", "city", "township")
        constraints = [models.UniqueConstraint(fields=["city", "township", "zone"], name="one_region_row")]

    def __str__(self) -> str:
        return f"{self.city}{self.township} {self.get_zone_display()}"


class PassRate(models.Model):
    """National result of one exam session: what R6 compares a company's pass rate with."""

    item = models.CharField("鑑定項目", max_length=40)
    level = models.CharField("等級", max_length=10)
    session = models.CharField("梯次", max_length=20)
    sat = models.PositiveIntegerField("到考人數")
    passed = models.PositiveIntegerField("及格人數")
    source = models.CharField("資料來源", max_length=200)

    class Meta:
        ordering = ("item", "level", "session")
        constraints = [
            models.UniqueConstraint(fields=["item", "level", "session"], name="one_pass_rate_row"),
            models.CheckConstraint(
                condition=models.Q(passed__lte=models.F("sat")), name="passed_at_most_sat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.level} {self.session}"
