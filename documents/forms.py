"""Forms of documents: they validate and never save."""

from __future__ import annotations

import hashlib
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row
from django import forms
from django.conf import settings

from core.forms import CleanCharField, CleanTextField
from documents.enums import DocumentKind, DocumentState, Speed
from documents.models import LetterTemplate
from documents.services.templates import TEXT_FIELDS, check_texts


class DocumentFilter(forms.Form):
    """Filters of the office's list; whatever is not understood is ignored."""

    q = forms.CharField(label="文號、案號、受文者", required=False, max_length=100)
    kind = forms.ChoiceField(label="種類", required=False, choices=[("", "全部"), *DocumentKind.choices])
    state = forms.ChoiceField(label="狀態", required=False, choices=[("", "全部"), *DocumentState.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["class"] = "form-control"
        for name in ("kind", "state"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def chosen(self) -> dict[str, str]:
        """The valid ones."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("q", "kind", "state")}


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class TemplateForm(forms.Form):
    """The wording of one kind; errors name the field that is not known and the nearest that is."""

    agency = CleanCharField(label="發文機關全銜", max_length=120)
    agency_address = CleanCharField(label="機關地址", max_length=200, required=False)
    contact = CleanTextField(
        label="聯絡方式", max_length=500, required=False, widget=_lines(3), help_text="一行一項"
    )
    speed = forms.ChoiceField(label="速別", choices=Speed.choices)
    classification = CleanCharField(label="密等及解密條件或保密期限", max_length=60, required=False)
    file_code = CleanCharField(label="檔號", max_length=40, required=False)
    retention = CleanCharField(label="保存年限", max_length=40, required=False)
    subject = CleanTextField(label="主旨", max_length=500, widget=_lines(3))
    body = CleanTextField(
        label="說明",
        max_length=20000,
        required=False,
        widget=_lines(14),
        help_text="一行一項；以「一、」「(一)」「1、」「(1)」開頭的行會自動重新編號",
    )
    measures = CleanTextField(label="辦法", max_length=5000, required=False, widget=_lines(5))
    enclosures = CleanCharField(label="附件", max_length=200, required=False)
    copies_to = CleanTextField(
        label="副本", max_length=500, required=False, widget=_lines(2), help_text="一行一個單位"
    )
    signature = CleanCharField(label="簽署", max_length=120, required=False)
    note = CleanCharField(
        label="這次修改了什麼", max_length=200, required=False, help_text="會列在版本紀錄裡"
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, template: LetterTemplate, newest: int, **kwargs: Any) -> None:
        self.kind = template.kind
        self.newest = newest
        initial = {name: getattr(template, name) for name in TEXT_FIELDS} | {"base_version": newest}
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        head = [
            Row(Column("agency", css_class="col-md-7"), Column("agency_address", css_class="col-md-5")),
            Row(Column("contact", css_class="col-md-7"), Column("signature", css_class="col-md-5")),
        ]
        if template.is_contract:
            for name in ("speed", "classification", "file_code", "retention", "measures", "enclosures"):
                del self.fields[name]
            del self.fields["copies_to"]
            self.fields["subject"].label = "契約名稱"
            self.fields["body"].label = "條款"
            self.fields["body"].widget.attrs["rows"] = 30
            self.fields["body"].help_text = "以「第一條」開頭的行是條名，其下「一、」「(一)」等會自動重新編號"
            words: list[Any] = ["subject", "body"]
        else:
            head += [
                Row(
                    Column("speed", css_class="col-md-3"),
                    Column("classification", css_class="col-md-3"),
                    Column("file_code", css_class="col-md-3"),
                    Column("retention", css_class="col-md-3"),
                )
            ]
            words = ["subject", "body", "measures", "enclosures", "copies_to"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset("內容", *words), Fieldset("機關與格式", *head), HTML("<hr>"), "note", "base_version"
        )

    def clean(self) -> dict[str, Any]:
        """Unknown names at the text that has them; somebody else's newer version at the top."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, message in check_texts(kind=self.kind, texts=self.texts()).items():
            if name in self.fields:
                self.add_error(name, message)
        return cleaned

    def texts(self) -> dict[str, str]:
        """The texts for ``services.save_template``; a field that the kind lacks keeps its value."""
        return {
            name: str(self.cleaned_data.get(name, "") if name in self.fields else self.initial.get(name, ""))
            for name in TEXT_FIELDS
        }

    @property
    def is_outdated(self) -> bool:
        """Whether somebody saved a version since this page was opened."""
        base = self.cleaned_data.get("base_version")
        return base is not None and base != self.newest


class VerifyCodeForm(forms.Form):
    """The code printed at the foot of a document."""

    code = CleanCharField(
        label="查驗碼", max_length=20, help_text="文件左下角的 10 碼英文字母與數字，例如 7K3QX-4AMRD"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"class": "form-control", "autocomplete": "off"}


class VerifyFileForm(forms.Form):
    """A file whose hash is compared; it is read and forgotten."""

    file = forms.FileField(
        label="選擇或拖曳檔案到這裡",
        error_messages={"required": "請選擇要查驗的檔案。", "empty": "這是空白檔案，請重新選擇。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs |= {"class": "form-control", "accept": ".pdf,application/pdf"}

    def clean_file(self) -> str:
        """The SHA-256 of the file, in hex."""
        upload = self.cleaned_data["file"]
        if upload.size > settings.UPLOAD_MAX_BYTES:
            megabytes = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(
                f"檔案超過 {megabytes} MB，不是本入口發出的公文。請確認是否選錯檔案。"
            )
        digest = hashlib.sha256()
        for chunk in upload.chunks():
            digest.update(chunk)
        return digest.hexdigest()
