"""What the office fills in for a publication; each kind shows its own fields."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row
from django import forms
from django.core.validators import URLValidator

from accounts.forms.organisation import plain_helper
from core import uploads
from core.forms import REQUIRED, CleanCharField, CleanTextField, IntField, RocMomentField
from outreach.enums import EventCategory, PublicationKind
from outreach.models import Publication, Topic
from outreach.selectors.office import STAGES
from outreach.services.publications import EVENT_FIELDS, MAX_FILES, file_kinds

# The words for a title and a text, and which further fields a kind has.
WORDS = {
    PublicationKind.NEWS: ("標題", "內文"),
    PublicationKind.FAQ: ("問題", "回答"),
    PublicationKind.DOWNLOAD: ("名稱", "說明"),
    PublicationKind.STORY: ("標題", "內文"),
    PublicationKind.EVENT: ("活動名稱", "說明"),
}
EXTRA = {
    PublicationKind.NEWS: ("pinned",),
    PublicationKind.FAQ: ("topic", "order"),
    PublicationKind.DOWNLOAD: ("topic", "order"),
    PublicationKind.STORY: ("figures",),
    PublicationKind.EVENT: EVENT_FIELDS,
}
WRITING = "空一行是新段落；行首打「- 」或「1. 」成為清單；網址會變成連結，也可以寫 [文字](網址)。"


class ManyFilesInput(forms.ClearableFileInput):
    """A file input for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each looked at by its content. Empty: an empty list."""

    widget = ManyFilesInput

    def __init__(
        self, *, kinds: frozenset[str], most: int, max_bytes: int | None = None, **kwargs: Any
    ) -> None:
        self.kinds, self.most, self.max_bytes = kinds, most, max_bytes
        super().__init__(required=False, **kwargs)
        self.widget.attrs["multiple"] = most > 1
        self.widget.attrs["accept"] = ",".join(sorted(f".{kind}" for kind in kinds))

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files; ``ValidationError`` names the one that can't be taken and says why."""
        files = [f for f in (data if isinstance(data, list | tuple) else [data]) if f]
        if len(files) > self.most:
            raise forms.ValidationError(f"一次最多 {self.most} 個檔案，目前選了 {len(files)} 個。")
        for file in files:
            try:
                uploads.inspect_upload(file, allowed=self.kinds, max_bytes=self.max_bytes)
            except uploads.UploadRefused as refused:
                raise forms.ValidationError(f"「{file.name}」：{refused}。") from refused
        return files


class PublicationForm(forms.Form):
    """One publication. ``action`` of the button says whether it is published at once."""

    title = CleanCharField(max_length=120)
    category = forms.ChoiceField(label="類別", choices=EventCategory.choices)
    topic = forms.ModelChoiceField(
        label="主題",
        queryset=Topic.objects.all(),
        empty_label="請選擇",
        error_messages={"required": REQUIRED},
    )
    body = CleanTextField(max_length=20_000, help_text=WRITING)
    figures = CleanTextField(
        label="關鍵數字",
        max_length=1_000,
        required=False,
        help_text="一行一項，名稱與數字用冒號分開，例如「培育人次：24 人」",
    )
    starts_at = RocMomentField(label="活動開始")
    ends_at = RocMomentField(label="活動結束")
    place = CleanCharField(label="地點", max_length=200, required=False)
    online_url = forms.CharField(
        label="線上會議網址",
        max_length=500,
        required=False,
        help_text="只寄給取得名額的人，不公開",
        validators=[
            URLValidator(("http", "https"), message="請填完整的網址，例如 https://meet.example.tw/abc")
        ],
    )
    capacity = IntField(
        label="名額",
        min_value=1,
        max_value=100_000,
        unit="人",
        required=False,
        help_text="留空代表不限；額滿後列入候補",
    )
    registration_opens_at = RocMomentField(
        label="報名開始", required=False, help_text="報名開始與截止都留空，代表不需要報名"
    )
    registration_closes_at = RocMomentField(label="報名截止", required=False, at=time(23, 59))
    pinned = forms.BooleanField(label="置頂", required=False, help_text="排在其他消息前面")
    order = IntField(label="順序", max_value=9_999, initial=100, help_text="數字小的排前面")
    uploads = FilesField(kinds=frozenset(), most=MAX_FILES, label="加入檔案")
    alt = CleanCharField(
        label="圖片說明",
        max_length=200,
        required=False,
        help_text="加入圖片時必填：替看不到圖片的人說明圖裡有什麼",
    )
    published_from = RocMomentField(label="公開時間", required=False, help_text="留空代表草稿，不公開")
    published_until = RocMomentField(
        label="下架時間", required=False, at=time(23, 59), help_text="留空代表一直公開"
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = PublicationKind(kind)
        own = EXTRA[self.kind]
        for name in {name for names in EXTRA.values() for name in names} - set(own):
            del self.fields[name]
        self.fields["title"].label, self.fields["body"].label = WORDS[self.kind]
        self.fields["body"].required = self.kind != PublicationKind.DOWNLOAD
        self.fields["body"].widget.attrs["rows"] = 10
        kinds = file_kinds(self.kind)
        files: Any = self.fields["uploads"]
        files.kinds = kinds
        files.widget.attrs["accept"] = ",".join(sorted(f".{kind}" for kind in kinds))
        files.help_text = "可以一次選幾個：" + "、".join(sorted(kind.upper() for kind in kinds))
        self.helper = plain_helper()
        self.helper.layout = self._layout(own)

    def _layout(self, own: tuple[str, ...]) -> Layout:
        pair = lambda a, b: Row(Column(a, css_class="col-md-6"), Column(b, css_class="col-md-6"))  # noqa: E731
        parts: list[Any] = ["version", "title"]
        if "topic" in own:
            parts.append(pair("topic", "order"))
        if self.kind == PublicationKind.EVENT:
            parts += [
                "category",
                pair("starts_at", "ends_at"),
                pair("place", "online_url"),
                Fieldset("報名", pair("registration_opens_at", "registration_closes_at"), "capacity"),
            ]
        parts.append("body")
        parts += [name for name in ("figures", "pinned") if name in own]
        parts.append(Fieldset("檔案", HTML("{% include 'outreach/_files.html' %}"), "uploads", "alt"))
        parts.append(Fieldset("公開", pair("published_from", "published_until")))
        return Layout(*parts)

    def clean(self) -> dict[str, Any]:
        """What belongs together: times in their order, somewhere to go, words for a picture."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("published_until") and data.get("published_from"):
            self._after(data, "published_from", "published_until", "下架時間要晚於公開時間。")
        elif data.get("published_until"):
            self.add_error("published_from", "填了下架時間，也要填公開時間。")
        if any(f.content_type.startswith("image/") for f in data.get("uploads") or []) and not data.get(
            "alt"
        ):
            self.add_error("alt", "加入的檔案裡有圖片，請用一句話說明圖片的內容。")
        for number, line in enumerate((data.get("figures") or "").splitlines(), start=1):
            if line.strip() and ("：" not in line.replace(":", "：") or len(line) > 80):
                self.add_error("figures", f"第 {number} 行請寫成「名稱：數字」，最多 80 字。")
        if self.kind == PublicationKind.EVENT:
            self._clean_event(data)
        return data

    def _after(self, data: dict[str, Any], first: str, then: str, words: str) -> None:
        a, b = data.get(first), data.get(then)
        if isinstance(a, datetime) and isinstance(b, datetime) and a >= b:
            self.add_error(then, words)

    def _clean_event(self, data: dict[str, Any]) -> None:
        self._after(data, "starts_at", "ends_at", "結束要晚於開始。")
        self._after(data, "registration_opens_at", "registration_closes_at", "報名截止要晚於報名開始。")
        opens, closes = data.get("registration_opens_at"), data.get("registration_closes_at")
        if bool(opens) != bool(closes) and not {"registration_opens_at", "registration_closes_at"} & set(
            self.errors
        ):
            missing = "registration_closes_at" if opens else "registration_opens_at"
            self.add_error(missing, "報名開始與截止要一起填，或一起留空。")
        ends = data.get("ends_at")
        if closes and ends and closes > ends:
            self.add_error("registration_closes_at", "報名截止不能晚於活動結束。")
        if not data.get("place") and not data.get("online_url") and "online_url" not in self.errors:
            self.add_error("place", "請填地點；只有線上的活動，請填線上會議網址。")


def initial_of(publication: Publication) -> dict[str, Any]:
    """What the form shows of a publication."""
    values = {
        name: getattr(publication, name)
        for name in (
            "title",
            "topic",
            "body",
            "figures",
            "pinned",
            "order",
            "published_from",
            "published_until",
            "version",
        )
    }
    if publication.kind == PublicationKind.EVENT:
        values |= {name: getattr(publication.event, name) for name in EVENT_FIELDS}
    return values


class PublicationFilterForm(forms.Form):
    """Filters of the office's list."""

    q = CleanCharField(label="標題或內容", required=False, max_length=100)
    stage = forms.ChoiceField(label="狀態", required=False, choices=[("", "全部"), *STAGES.items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["class"] = "form-control"
        self.fields["stage"].widget.attrs["class"] = "form-select"

    def chosen(self) -> dict[str, str]:
        """What is set and valid."""
        self.is_valid()
        return {k: v for k, v in getattr(self, "cleaned_data", {}).items() if v}
