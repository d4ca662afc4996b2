"""The one table of what the office may put into its wording: a field's code here, its name and what it is for a clerk.

A context gives its values and tables by code; the wording says ``{案號}``. Nothing else knows both.
"""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """How a clerk writes a field or a table, and what stands there in the letter."""

    name: str
    hint: str


FIELDS = {
    "case_number": Name("案號", "例如 IPAS-114-0007"),
    "company_name": Name("申請單位名稱", "公司或機構的全銜"),
    "call_name": Name("補助名稱", "徵案的名稱，含年度"),
    "plan_title": Name("計畫名稱", "申請計畫的名稱"),
    "regulation": Name("規定名稱", "申請須知、作業要點等"),
    "you": Name("受文者稱呼", "貴公司、貴單位"),
    "received_on": Name("收件日期", "年月日"),
    "due_on": Name("補件期限", "年月日"),
    "item_count": Name("補正項目數", "數字"),
    "extension_days": Name("展延工作日數", "最多得展延幾個工作日，數字"),
    "granted_words": Name("核定標的", "補助款國字大寫，或員額"),
    "grant_sentence": Name("核定內容", "一句：核定的經費或員額"),
    "instalment_sentence": Name("撥款方式", "一句：分幾期、各期金額與條件"),
    "reserve_sentence": Name("備取說明", "一句；沒有備取則空白"),
    "appeal_sentence": Name("申覆說明", "一句：不受理申覆；可申覆則空白"),
    "promise_sentence": Name("承諾說明", "一句：簽約內容不得低於申請；沒有這條規定則空白"),
    "subsidy": Name("補助款", "數字，不含「元」"),
    "subsidy_words": Name("補助款大寫", "新臺幣國字大寫"),
    "own_share": Name("配合款", "數字，不含「元」"),
    "own_share_words": Name("配合款大寫", "新臺幣國字大寫"),
    "total": Name("總經費", "數字，不含「元」"),
    "total_words": Name("總經費大寫", "新臺幣國字大寫"),
    "first_instalment": Name("第一期款", "數字，不含「元」"),
    "first_instalment_words": Name("第一期款大寫", "新臺幣國字大寫"),
    "second_instalment": Name("第二期款", "數字，不含「元」"),
    "second_instalment_words": Name("第二期款大寫", "新臺幣國字大寫"),
    "starts_on": Name("計畫開始日", "年月日，或簽約日"),
    "ends_on": Name("計畫截止日", "年月日"),
    "meeting_on": Name("決審會議日期", "年月日"),
    "sign_by": Name("簽約期限", "年月日"),
    "annex_note": Name("附件說明", "有建議意見時：審查委員建議意見一份"),
    "place": Name("備取順位", "數字"),
    "asked": Name("申請數額", "申請的名額或金額"),
    "noun": Name("核給標的", "補助款、員額等"),
    "ubn": Name("統一編號", "8 碼"),
    "approval_number": Name("核定函文號", "核定補助函的發文字號"),
}

#: Tables take a line of their own in 說明 or 辦法.
TABLES = {
    "items_table": Name("補正項目表", "每一項與補正原因"),
    "reasons_list": Name("理由清單", "逐項的理由與依據"),
    "amounts_table": Name("經費表", "各會計科目的金額"),
    "annex_list": Name("契約附件清單", "契約的附件"),
}
