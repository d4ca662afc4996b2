"""Letter numbers and the wording that the office edits."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from documents.enums import WORDED_KINDS, DocumentKind, Speed


class NumberSeries(models.Model):
    """A gap-free series for each prefix (字) and ROC year; only ``services.numbers`` takes from it."""

    prefix = models.CharField("字", max_length=20)
    roc_year = models.PositiveSmallIntegerField("年度")
    next_number = models.PositiveIntegerField("下一號", default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "roc_year"], name="numberseries_prefix_year"),
            models.CheckConstraint(condition=models.Q(next_number__gte=1), name="numberseries_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}字 {self.roc_year} 年"


class LetterTemplate(models.Model):
    """One version of a kind's wording and letterhead. A version never changes; an edit makes the next.

    ``body`` (說明) and ``measures`` (辦法) are plain lines; a line's level is read from its number
    (一、 (一) 1、 (1)) and numbered anew when typeset. ``{案號}`` is replaced, see ``rules.wording``.
    """

    kind = models.CharField("種類", max_length=20, choices=[(k.value, k.label) for k in WORDED_KINDS])
    version = models.PositiveIntegerField("版本")
    is_current = models.BooleanField(default=True)
    agency = models.CharField("發文機關全銜", max_length=120)
    agency_address = models.CharField("機關地址", max_length=200, blank=True)
    contact = models.TextField("聯絡方式", blank=True, help_text="一行一項，例如：承辦人：計畫辦公室")
    speed = models.CharField("速別", max_length=10, choices=Speed, default=Speed.NORMAL)
    classification = models.CharField("密等及解密條件或保密期限", max_length=60, blank=True)
    file_code = models.CharField("檔號", max_length=40, blank=True)
    retention = models.CharField("保存年限", max_length=40, blank=True)
    subject = models.TextField("主旨", max_length=500)
    body = models.TextField("說明", blank=True, max_length=20000)
    measures = models.TextField("辦法", blank=True, max_length=5000)
    enclosures = models.CharField("附件", max_length=200, blank=True)
    copies_to = models.TextField("副本", blank=True, help_text="一行一個單位")
    signature = models.CharField("簽署", max_length=120, blank=True)
    note = models.CharField("修改說明", max_length=200, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    edited_at = models.DateTimeField()

    class Meta:
        ordering = ("kind", "-version")
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="lettertemplate_kind_version"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(is_current=True),
                name="lettertemplate_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第 {self.version} 版"

    @property
    def is_contract(self) -> bool:
        """Contracts have chapters instead of 主旨 and 說明."""
        return self.kind == DocumentKind.CONTRACT
