"""The entries of a call's terms: lists, criteria, documents, payments and settings, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from programs.rules.reader import words

#: File kinds that an upload may take (``core.uploads`` checks their content).
FILE_KINDS = {
    "pdf": "PDF", "odt": "ODT", "docx": "DOCX", "ods": "ODS", "xlsx": "XLSX", "jpg": "JPG", "png": "PNG",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a closed list: what is stored and what people read."""

    key: str = field(metadata=words("代號", made=True, not_empty=True))
    label: str = field(metadata=words("名稱", "申請單位看到的文字。", not_empty=True))
    note: str = field(default="", metadata=words("補充說明", "顯示在名稱旁邊，可以留空。"))


@dataclass(frozen=True, slots=True)
class Grant:
    """What the call grants. Requests, recommendations, awards, envelope, minutes and letters speak in its unit.

    ``counts``: ``subsidy`` grants dollars by account, as the budget asks for them; ``heads`` grants head-count,
    as the partners section asks for it, and the money follows from the heads.
    """

    counts: str = field(
        default="subsidy",
        metadata=words(
            "核給的是",
            "員額由合作單位一節申請，經費依核配員額換算。",
            choices=("subsidy", "heads"),
            labels={"subsidy": "補助款，依會計科目", "heads": "員額"},
        ),
    )
    unit: str = field(default="元", metadata=words("單位", "例如 元、名。", not_empty=True))
    noun: str = field(
        default="補助款",
        metadata=words("名稱", "接在「申請」「核定」之後，例如 補助款、培訓員額。", not_empty=True),
    )

    @property
    def in_dollars(self) -> bool:
        """Whether it is money."""
        return self.counts == "subsidy"

    @property
    def pool(self) -> str:
        """What is shared out: 經費, or the heads."""
        return "經費" if self.in_dollars else self.noun

    @property
    def measure(self) -> str:
        """What stands in a cell: 金額, or 名額."""
        return "金額" if self.in_dollars else "名額"

    @property
    def verb(self) -> str:
        """What is done with it: 補助, or 核配."""
        return "補助" if self.in_dollars else "核配"

    def say(self, amount: int) -> str:
        """An amount with its unit: ``800,000 元``, ``12 名``."""
        return f"{amount:,} {self.unit}"

    def print(self, amount: int) -> str:
        """The same as letters print it, without a space: ``12名``."""
        return f"{amount:,}{self.unit}"


@dataclass(frozen=True, slots=True)
class JobRole:
    """A digital job role (T4). ``group`` is a key of ``Terms.job_role_groups``."""

    key: str = field(metadata=words("代號", made=True, not_empty=True))
    label: str = field(metadata=words("職務", "申請單位看到的文字。", not_empty=True))
    group: str = field(metadata=words("群組", "列在哪一組底下。", refers="job_role_groups"))


@dataclass(frozen=True, slots=True)
class Window:
    """When applications are accepted (S1). Both ends belong to it, the last with its whole second."""

    opens_at: datetime = field(metadata=words("受理開始", "這個時間以前不能送件。"))
    closes_at: datetime = field(metadata=words("受理截止", "這一秒仍可送件；之後就不收。"))

    def is_open(self, now: datetime, *, closes_at: datetime | None = None) -> bool:
        """Whether ``now`` lies in the window; ``closes_at`` is an extended end (S1)."""
        last = max(self.closes_at, closes_at) if closes_at is not None else self.closes_at
        return self.opens_at <= now < last + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the timetable. ``when`` is what the notice says; the dates draw it."""

    key: str = field(metadata=words("代號", made=True))
    label: str = field(metadata=words("階段", "例如：審查。", not_empty=True))
    text: str = field(metadata=words("做什麼", "一句話說明這個階段。", wide=True))
    when: str = field(metadata=words("公告上的寫法", "例如：4 月中旬。"))
    starts_on: date = field(metadata=words("開始日", "時程圖從這一天畫起。"))
    ends_on: date = field(metadata=words("結束日", "時程圖畫到這一天；只有一天就填同一天。"))


@dataclass(frozen=True, slots=True)
class PlanText:
    """One text of the plan (T6). ``max_length`` in characters."""

    key: str = field(metadata=words("代號", made=True))
    label: str = field(metadata=words("標題", "計畫書裡的小標題。", not_empty=True))
    prompt: str = field(metadata=words("提示", "告訴申請單位這裡要寫什麼。", long=True))
    chapter: str = field(
        default="",
        metadata=words("計畫書的章", "和其他文字排在同一章時填章名；空白則自成一章。"),
    )
    required: bool = field(default=True, metadata=words("必填", "沒有寫就不能送出。"))
    max_length: int = field(
        default=5000, metadata=words("字數上限", "最多可以寫多少字。", unit="字", min=1, max=50_000)
    )


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the budget (B1) and what may be listed under it."""

    key: str = field(metadata=words("代號", made=True))
    label: str = field(metadata=words("科目", "例如：人事費。", not_empty=True))
    lists: tuple[str, ...] = field(default=(), metadata=words("可以編列的項目", "一行一項。"))


@dataclass(frozen=True, slots=True)
class Aspect:
    """What a reviewer looks at within a criterion."""

    key: str = field(metadata=words("代號", made=True))
    text: str = field(metadata=words("審查重點", "審查委員評分時看到的提示。", not_empty=True))


@dataclass(frozen=True, slots=True)
class Criterion:
    """A review criterion (R1–R4). ``weight`` in percent; a call's weights make 100."""

    id: str = field(metadata=words("編號", "例如：R1。", not_empty=True))
    clause: str = field(metadata=words("條次", "須知裡的條次，例如：參.三(二)1。"))
    label: str = field(metadata=words("審查項目", "審查委員與申請單位看到的名稱。", not_empty=True))
    weight: int = field(metadata=words("權重", "各項合計必須是 100。", unit="%", min=1, max=100))
    aspects: tuple[Aspect, ...] = field(default=(), metadata=words("審查重點", "委員評分時的提示。"))


@dataclass(frozen=True, slots=True)
class AdvantageItem:
    """One advantage of R5/R6. ``source``: ``computed`` from facts, or ``claimed`` with proof."""

    key: str = field(
        metadata=words(
            "系統計算的項目", "由系統計算的優勢要選一種計算方式。", made=True, known="computed_advantages"
        )
    )
    rule: str = field(metadata=words("對應的規則", "從「規則」那一頁列出的規則選。", refers="rules"))
    group: str = field(metadata=words("分組", "例如：基礎面、應用面。"))
    label: str = field(metadata=words("優勢", "審查委員與申請單位看到的文字。", not_empty=True, wide=True))
    source: str = field(
        metadata=words(
            "怎麼判斷",
            "由系統依申請內容計算，或由申請單位主張並附說明。",
            choices=("computed", "claimed"),
            labels={"computed": "系統計算", "claimed": "申請單位主張"},
        )
    )
    prompt: str = field(default="", metadata=words("要附的說明", "申請單位主張時，要寫明什麼。", wide=True))


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """A document of the application (D1–D8). ``condition`` names a function of ``programs.rules.conditions``.

    ``made_by``: ``portal`` (typeset from what was entered) or ``upload``. ``copies``: paper copies.
    ``accept``: file kinds that the upload takes.
    """

    code: str = field(metadata=words("編號", "例如：D4。", not_empty=True))
    label: str = field(metadata=words("文件", "申請單位看到的名稱。", not_empty=True, wide=True))
    clause: str = field(metadata=words("條次", "須知裡的條次。"))
    condition: str = field(metadata=words("什麼時候要附", "系統依申請內容判斷。", refers="conditions"))
    made_by: str = field(
        metadata=words(
            "怎麼產生",
            "由申請單位上傳，或由系統排版。",
            choices=("portal", "upload"),
            labels={"portal": "系統產生", "upload": "申請單位上傳"},
        )
    )
    copies: int = field(metadata=words("紙本份數", "不收紙本填 0。", unit="份", min=0, max=50))
    help: str = field(default="", metadata=words("說明", "顯示在上傳的地方。", wide=True))
    accept: tuple[str, ...] = field(
        default=(),
        metadata=words("可用的檔案格式", "都不勾選表示全部可用。", options=FILE_KINDS),
    )
    max_files: int = field(
        default=10, metadata=words("檔案數上限", "這份文件最多可以傳幾個檔案。", unit="個", min=1, max=100)
    )
    sealed: bool = field(default=True, metadata=words("要用印", "公司與負責人都要蓋章。"))


@dataclass(frozen=True, slots=True)
class OutcomeItem:
    """A kind of expected outcome (R3). ``better``: ``up``, ``down`` or ``text``; C2 compares by it."""

    key: str = field(metadata=words("代號", made=True))
    label: str = field(metadata=words("預期成效", "例如：iPAS 報考人次。", not_empty=True))
    unit: str = field(default="", metadata=words("單位", "例如：人次、%、元。"))
    better: str = field(
        default="up",
        metadata=words(
            "怎樣算好",
            "簽約時依此比較，不得低於申請時的承諾。",
            choices=("up", "down", "text"),
            labels={"up": "愈高愈好", "down": "愈低愈好", "text": "文字說明"},
        ),
    )
    required: bool = field(default=False, metadata=words("必填", "沒有填目標就不能送出。"))
    hint: str = field(default="", metadata=words("提示", "顯示在欄位旁邊。"))


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """A document of the contract (C3)."""

    key: str = field(metadata=words("代號", made=True))
    label: str = field(metadata=words("簽約文件", "例如：補助款契約書。", not_empty=True))
    made_by: str = field(
        default="upload",
        metadata=words(
            "怎麼產生",
            "由受補助單位上傳，或由系統排版。",
            choices=("portal", "upload"),
            labels={"portal": "系統產生", "upload": "受補助單位上傳"},
        ),
    )


#: Kinds of letters whose general wording a call may replace (``documents.enums`` has them all).
LETTERS = {
    "supplement": "補件通知函",
    "return": "退件函",
    "approval": "核定補助函",
    "rejection": "未獲補助通知函",
    "reserve": "備取通知函",
    "contract": "補助款契約書",
}


@dataclass(frozen=True, slots=True)
class LetterWording:
    """The call's own wording of one kind of letter. An empty text leaves the general template's as it is."""

    kind: str = field(
        metadata=words("哪一種公文", "每一種最多一份。", choices=tuple(LETTERS), labels=LETTERS)
    )
    subject: str = field(default="", metadata=words("主旨", "留空則沿用通用範本。", long=True))
    body: str = field(
        default="", metadata=words("說明", "一行一項，以一、(一)、1、開頭；留空則沿用通用範本。", long=True)
    )
    measures: str = field(default="", metadata=words("辦法", "留空則沿用通用範本。", long=True))
    enclosures: str = field(default="", metadata=words("附件", "留空則沿用通用範本。"))
    signature: str = field(default="", metadata=words("簽署", "留空則沿用通用範本。"))


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The agency in whose name the call's letters go out, where it is not that of the general wording.

    With an ``agency`` all of it holds, so that no letter mixes two agencies; without one the general wording stands.
    """

    agency: str = field(default="", metadata=words("機關全銜", "函的抬頭；留空則整組沿用通用範本。"))
    agency_address: str = field(default="", metadata=words("機關地址", "印在函頭與契約的機關全銜下面。"))
    contact: str = field(
        default="", metadata=words("聯絡方式", "一行一項，例如承辦人、電話、電子信箱。", long=True)
    )
    signature: str = field(default="", metadata=words("署名", "留空則用機關全銜。"))
    party: str = field(default="", metadata=words("契約的甲方", "例如主辦單位全銜；留空則用機關全銜。"))


@dataclass(frozen=True, slots=True)
class Instalment:
    """A payment (P1, P2): its share of the approved subsidy and what has to be there."""

    rule: str = field(metadata=words("對應的規則", "從「規則」那一頁列出的規則選。", refers="rules"))
    label: str = field(metadata=words("期別", "例如：第一期款。", not_empty=True))
    share: Fraction = field(
        metadata=words("占核定補助款", "寫成 50% 或 1/2；各期合計必須是 100%。", min=0, max=1)
    )
    condition: str = field(metadata=words("請領條件", "什麼時候、附什麼可以請領。", long=True))


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the public self-check. ``answer``: ``yes_no``, ``count``, ``dollars`` or ``choice``."""

    key: str = field(metadata=words("問什麼", "系統用這一題的答案判斷哪一件事。", refers="questions"))
    rule: str = field(metadata=words("對應的規則", "從「規則」那一頁列出的規則選。", refers="rules"))
    text: str = field(metadata=words("題目", "民眾看到的問句。", not_empty=True, wide=True))
    answer: str = field(
        metadata=words(
            "怎麼回答",
            "答案的形式。",
            choices=("yes_no", "count", "dollars", "choice"),
            labels={"yes_no": "是或否", "count": "數量", "dollars": "金額（元）", "choice": "選一項"},
        )
    )
    help: str = field(default="", metadata=words("說明", "顯示在題目下面，可以留空。", wide=True))
    options: tuple[Choice, ...] = field(
        default=(), metadata=words("選項", "只有「選一項」的題目需要。", known="question_options")
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """What the documents leave to the office. Days are calendar days unless named working.

    ``scoring_scale``: the highest mark of one criterion. ``pass_mark``: on the weighted total of 0–100.
    ``spread_flag``: points between the highest and lowest total above which the chair sees a flag.
    ``grace_minutes``: how long a submission that began within the window may take to end.
    ``tie_rules``: keys in the order in which they break a tie; ``criterion:R1`` means the mark in R1.
    """

    pass_mark: int = field(
        metadata=words("及格分數", "加權總分未達這個分數不予推薦。", unit="分", min=0, max=100)
    )
    reviewers_per_case: int = field(
        metadata=words("每案審查委員", "每一件申請要有幾位委員評分。", unit="位", min=1, max=30)
    )
    scoring_scale: int = field(
        metadata=words("每項滿分", "每個審查項目評分的最高分。", unit="分", min=1, max=1000)
    )
    ranking: str = field(
        metadata=words(
            "排序方式",
            "平均分數高者在前，或各委員名次總和低者在前。",
            choices=("average", "rank_sum"),
            labels={"average": "平均分數", "rank_sum": "序位法"},
        )
    )
    tie_rules: tuple[str, ...] = field(
        metadata=words("同分時比較", "依順序比較，前一項分出高下就不再看下一項。", refers="tie_rules")
    )
    supplement_working_days: int = field(
        metadata=words("補件期限", "補件通知發出後幾個工作天內要補齊。", unit="個工作天", min=1, max=60)
    )
    extension_working_days_max: int = field(
        metadata=words("補件展延上限", "填 0 表示不得展延。", unit="個工作天", min=0, max=60)
    )
    reminder_working_days: int = field(
        metadata=words("補件到期前提醒", "期限前幾個工作天寄提醒信。", unit="個工作天", min=0, max=60)
    )
    days_to_sign: int = field(
        metadata=words("簽約期限", "核定後幾天內要完成簽約，日曆天。", unit="天", min=1, max=365)
    )
    letter_prefix: str = field(
        metadata=words("發文字號的字", "例如：產推字第 1143024631 號的「產推」。", not_empty=True)
    )
    retention_years: int = field(
        metadata=words("資料保存", "結案後資料保存幾年。", unit="年", min=1, max=100)
    )
    closing_window_days: int = field(
        metadata=words("結案送件期間", "計畫結束後幾天內要送結案資料，日曆天。", unit="天", min=1, max=730)
    )
    spread_flag: int = field(
        metadata=words(
            "分數差距提醒",
            "同一案委員總分最高與最低相差超過這個數字時，提醒召集人。",
            unit="分",
            min=1,
            max=100,
        )
    )
    panel_gender_share: Fraction = field(
        metadata=words(
            "單一性別委員比例下限", "寫成 1/3；每一種性別都不低於這個比例。", min=0, max=Fraction(1, 2)
        )
    )
    grace_minutes: int = field(
        metadata=words(
            "截止後的寬限",
            "截止前開始送出的申請，最晚幾分鐘內完成仍算。",
            unit="分鐘",
            min=0,
            max=1440,
        )
    )
    upload_max_mb: int = field(
        metadata=words("單一檔案上限", "每個上傳檔案最大可以多大。", unit="MB", min=1, max=500)
    )
    reviewers_to_avoid_max: int = field(
        metadata=words("可建議迴避的委員", "填 0 表示不開放。", unit="位", min=0, max=30)
    )
