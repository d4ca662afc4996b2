"""Made-up contexts of every kind, for previews of wording and for tests. No real person or company."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from core.clock import TAIPEI
from core.rocdate import roc
from documents import contexts as c
from documents.enums import DocumentKind

RECIPIENT = c.Recipient("晨星精密機械股份有限公司", "407", "臺中市西屯區工業區示範路 10 號")
CALL = "114年度企業數位人才實作培育補助"
_CASE: dict[str, Any] = {
    "case_number": "IPAS-114-0007",
    "company_name": RECIPIENT.name,
    "call_name": CALL,
    "plan_title": "導入智慧製造之數位人才實作培育計畫",
}
_AMOUNTS = (
    c.AccountAmount("人事費", 620_000, 700_000),
    c.AccountAmount("業務費", 330_300, 360_300),
    c.AccountAmount("設備使用費及維護費", 100_000, 120_000),
)
_SUGGESTIONS = (
    c.Suggestion("請補充學生進入產線實作前的安全訓練安排。", "計畫目標與實施策略"),
    c.Suggestion("資料分析課程時數較少，建議與專案實作結合，並說明評量方式。", "培育內容"),
    c.Suggestion("獲證後的薪資調整請以具體金額或比例表示。", "預期成效"),
)


def context(kind: str, *, today: date) -> c.Context:
    """A complete, plausible context of ``kind``; dates lie around ``today``."""
    return _BUILDERS[DocumentKind(kind)](today)


def _supplement(today: date) -> c.Context:
    return c.SupplementContext(
        **_CASE,
        received_on=today - timedelta(days=5),
        due_on=today + timedelta(days=7),
        items=(
            c.SupplementItem(
                "D6", "會計師財務簽證查核報告書", "所附為合併財務報告，請改附個體財務報告。", "須知註1"
            ),
            c.SupplementItem("D7", "徵信同意書", "負責人印章未蓋，請補蓋後重新上傳。", "須知貳、五(四)3"),
        ),
    )


def _return(today: date) -> c.Context:
    return c.ReturnContext(
        **_CASE,
        received_on=today - timedelta(days=20),
        reasons=(
            c.Reason(
                "所營事業代碼不含製造業（C）或技術服務業（I1、I3、IF、IG）項目。", "E4", "須知貳、一(三)"
            ),
            c.Reason("通知補正之財務報告逾期未補。", "Q3", "須知參、一"),
        ),
    )


def _approval(today: date) -> c.Context:
    return c.ApprovalContext(
        **_CASE,
        amounts=_AMOUNTS,
        starts_on=None,
        ends_on=today + timedelta(days=90),
        meeting_on=today - timedelta(days=7),
        sign_by=today + timedelta(days=14),
        instalments=(
            c.InstalmentPart("第一期款", 525_150, "於完成簽約後請領"),
            c.InstalmentPart("第二期款", 525_150, "於計畫結束並完成結案後請領"),
        ),
        suggestions=_SUGGESTIONS,
        keeps_promises=True,
    )


def _rejection(today: date) -> c.Context:
    return c.RejectionContext(
        **_CASE,
        meeting_on=today - timedelta(days=7),
        reasons=(c.Reason("經專業審查，平均分數未達本次核定標準。", "A1", "須知參、一"),),
        suggestions=_SUGGESTIONS[:2],
    )


def _reserve(today: date) -> c.Context:
    return c.ReserveContext(
        **_CASE,
        meeting_on=today - timedelta(days=7),
        place=2,
        asked="10名",
        noun="培訓員額",
        suggestions=_SUGGESTIONS[:2],
        appeal="審查結果不受理申覆（作業要點七）。",
    )


def _contract(today: date) -> c.Context:
    return c.ContractContext(
        **_CASE,
        amounts=_AMOUNTS,
        starts_on=None,
        ends_on=today + timedelta(days=90),
        ubn="04595257",
        representative="林晨星",
        company_address=RECIPIENT.address,
        sign_by=today + timedelta(days=14),
        approval_number="產發字第1140000123號",
    )


def _receipt(today: date) -> c.Context:
    return c.ReceiptContext(
        **_CASE,
        submitted_at=datetime.combine(today, time(14, 3, 27), TAIPEI),
        submitted_by="王小明",
        received=f"{roc(today)} 14:03",
        ubn="04595257",
        subsidy=1_050_300,
        files=(
            c.ReceiptFile("D2", "申請計畫書", "申請計畫書-IPAS-114-0007.pdf", 482_133, "3f" * 32),
            c.ReceiptFile("D4", "申請單位登記證明文件", "登記證明與變更登記卡.pdf", 1_204_551, "a7" * 32),
            c.ReceiptFile("D6", "會計師財務簽證查核報告書", "113年度個體財務報告.pdf", 5_830_022, "0c" * 32),
        ),
    )


def _plan(today: date) -> c.Context:
    end = today + timedelta(days=120)
    students = [
        (str(n), "學生", f"學生{n}號", "示範科技大學", "資訊工程系", "大四", "智慧生產", "120", "250")
        for n in range(1, 5)
    ]
    staff = [
        (str(n), "在職員工", f"員工{n}號", "—", "製造部", "工程師", "營運智慧", "126", "—") for n in (5, 6)
    ]
    return c.PlanContext(
        **_CASE,
        starts_on=None,
        ends_on=end,
        cover=(
            c.Pair("申請單位", RECIPIENT.name),
            c.Pair("統一編號", "04595257"),
            c.Pair("申請補助款", "1,050,300 元"),
            c.Pair("計畫總經費", "2,230,600 元"),
        ),
        chapters=(
            c.Chapter(
                "公司簡介與現況說明",
                (
                    c.facts(
                        [
                            ("公司名稱", RECIPIENT.name),
                            ("地址", RECIPIENT.address),
                            ("員工人數", "86 人"),
                            ("所營事業代碼", "CB01010、I301010"),
                        ],
                        "基本資料",
                    ),
                    c.text(
                        "本公司生產工具機主軸，近三年逐步把加工參數與檢驗結果數位化，"
                        "但現場資料仍由人工抄錄，異常發現平均要兩天。\n"
                        "因此希望培育能把感測資料接進生產管理的人才，縮短異常處理時間。",
                        "現況與問題",
                    ),
                ),
            ),
            c.Chapter(
                "培育目標", (c.text("以主軸震動監測為題，培育六名能獨立完成資料收集、清理與判讀的人才。"),)
            ),
            c.Chapter(
                "培育對象",
                (
                    c.table(
                        "受培育者名單",
                        [
                            c.Column("序", "center", 5),
                            c.Column("身分", "start", 10),
                            c.Column("姓名", "start", 11),
                            c.Column("學校", "start", 16),
                            c.Column("系所／部門", "start", 15),
                            c.Column("年級／職稱", "start", 12),
                            c.Column("對應職務", "start", 13),
                            c.Column("時數", "end", 8),
                            c.Column("時薪（元）", "end", 10),
                        ],
                        [*students, *staff],
                        totals=("", "合計", "6 人", "", "", "", "", "732", ""),
                    ),
                ),
            ),
            c.Chapter(
                "培育內容",
                (
                    c.table(
                        "課程表",
                        [
                            c.Column("課程", "start", 36),
                            c.Column("性質", "center", 10),
                            c.Column("時數", "end", 9),
                            c.Column("地點", "start", 20),
                            c.Column("講師", "start", 25),
                        ],
                        [
                            ("感測器與資料擷取", "講授", "24", "本公司訓練教室", "示範科技大學 陳教授"),
                            ("主軸震動分析專案", "實作", "96", "本公司第二廠", "製造部 張經理"),
                        ],
                        totals=("合計", "", "120", "", ""),
                    ),
                ),
            ),
            c.Chapter(
                "執行進度",
                (
                    c.gantt(
                        "預定進度表",
                        today,
                        end,
                        [
                            c.Bar("招募與分組", today, today + timedelta(days=14), "名單確認"),
                            c.Bar(
                                "基礎課程", today + timedelta(days=10), today + timedelta(days=50), "期中評量"
                            ),
                            c.Bar(
                                "專案實作",
                                today + timedelta(days=40),
                                today + timedelta(days=110),
                                "成果發表",
                            ),
                            c.Bar("iPAS 考試輔導", today + timedelta(days=60), end, "完成報名"),
                        ],
                    ),
                ),
            ),
            c.Chapter(
                "經費編列",
                (
                    c.table(
                        "經費總表",
                        [
                            "會計科目",
                            c.Column("補助款（元）", "end", 17),
                            c.Column("配合款（元）", "end", 17),
                            c.Column("合計（元）", "end", 17),
                            c.Column("補助比例", "end", 13),
                        ],
                        [
                            ("人事費", "620,000", "700,000", "1,320,000", "47.0%"),
                            ("業務費", "330,300", "360,300", "690,600", "47.8%"),
                            ("設備使用費及維護費", "100,000", "120,000", "220,000", "45.5%"),
                        ],
                        totals=("合計", "1,050,300", "1,180,300", "2,230,600", "47.1%"),
                        note="單位：新臺幣元。各科目補助款不超過該科目總經費 50%。",
                    ),
                ),
            ),
            c.Chapter(
                "預期效益",
                (
                    c.table(
                        "預期成效",
                        [
                            c.Column("指標", "start", 40),
                            c.Column("現況", "end", 20),
                            c.Column("目標", "end", 20),
                            "說明",
                        ],
                        [
                            ("報考 iPAS 人數", "0 人", "6 人", "全員報考"),
                            ("異常處理時間", "48 小時", "8 小時", ""),
                        ],
                    ),
                ),
            ),
        ),
    )


def _self_check(today: date) -> c.Context:
    return c.SelfCheckContext(
        **_CASE,
        groups=(
            c.CheckGroup(
                "申請資格",
                (
                    c.CheckItem("E1", "國內依法登記成立之公司", True),
                    c.CheckItem("E2", "非屬銀行拒絕往來戶", True),
                    c.CheckItem("E3", "公司淨值為正值", True),
                ),
            ),
            c.CheckGroup(
                "應備文件",
                (
                    c.CheckItem("D1", "申請文件自我檢查表", True, 2),
                    c.CheckItem("D2", "申請計畫書", True, 2),
                    c.CheckItem("D4", "申請單位登記證明文件", True, 1),
                    c.CheckItem("D6", "會計師財務簽證查核報告書", False, 1, "尚未上傳"),
                    c.CheckItem("D8", "公職人員及關係人身分關係揭露表", None, 1, "無則免附"),
                ),
            ),
        ),
        declared_by="林晨星",
        declared_on=today,
    )


def _minutes(today: date) -> c.Context:
    return c.MinutesContext(
        meeting_name="114年度企業數位人才實作培育補助決審會議",
        call_name=CALL,
        held_at=datetime.combine(today, time(14, 0), TAIPEI),
        place="計畫辦公室第一會議室",
        chair="方召集人",
        recorder="計畫辦公室",
        attendees=(
            c.Attendee("方召集人", "示範科技大學", "召集人"),
            c.Attendee("許委員", "示範研究院", "委員"),
            c.Attendee("葉委員", "示範產業公會", "委員", present=False),
        ),
        items=(
            c.MinuteItem("報告本次申請與審查情形", "本次受理 3 案，均完成專業審查。", "洽悉。"),
            c.MinuteItem("核定補助項目及金額", "依名次與經費額度討論各案金額。", "照案通過，明細如附表。"),
        ),
        allocations=(
            c.AllocationRow(1, "IPAS-114-0007", RECIPIENT.name, "88.3", 1_050_300, 1_050_300, "核定"),
            c.AllocationRow(2, "IPAS-114-0003", "青禾電子股份有限公司", "84.0", 900_000, 820_000, "核定"),
            c.AllocationRow(3, "IPAS-114-0011", "遠山食品有限公司", "66.7", 600_000, 0, "未獲補助"),
        ),
        envelope=2_000_000,
        scenario="依名次核定",
    )


def _score_sheet(today: date) -> c.Context:
    return c.ScoreSheetContext(
        **_CASE,
        reviewer_name="許委員",
        panel_name="第一審查小組",
        criteria=(
            c.CriterionLine("R1", "計畫目標與實施策略", 40, "88", "35.2", comment="問題分析清楚。"),
            c.CriterionLine("R2", "培育內容", 30, "85", "25.5"),
            c.CriterionLine("R3", "預期成效", 20, "80", "16.0", comment="薪資承諾可再具體。"),
            c.CriterionLine("R4", "經費編列", 10, "90", "9.0"),
        ),
        total_score="85.7",
        amounts=(
            c.Pair("人事費", "600,000"),
            c.Pair("業務費", "320,000"),
            c.Pair("設備使用費及維護費", "100,000"),
        ),
        comment_applicant="請補充學生安全訓練，並說明評量方式。",
        comment_panel="執行能力佳，建議支持。",
        submitted_at=datetime.combine(today, time(16, 20), TAIPEI),
        requested=1_050_300,
        recommended=1_020_000,
    )


def _plan_report(today: date) -> c.Context:
    return c.PlanReportContext(
        plan_code="114-0000-01",
        plan_name="示範人才培育計畫",
        heading="114 年度期中執行報告",
        as_of=today,
        cover=(c.Pair("審議編號", "114-0000-01"), c.Pair("主管機關", "經濟部")),
        chapters=(
            c.Chapter("摘要", (c.facts([("本年度指標", "2 項：符合進度 1 項、落後 1 項")], "執行概況"),)),
            c.Chapter(
                "績效指標達成情形",
                (
                    c.table(
                        "分項一",
                        [c.Column("指標", "start", 40), c.Column("目標值", "end"), c.Column("實際值", "end")],
                        [("培育人次（人次）", "2,400", "1,250"), ("實習職缺（個）", "303", "96")],
                    ),
                ),
            ),
        ),
    )


def _case_book(today: date) -> c.Context:
    return c.CaseBookContext(
        **_CASE,
        cover=(
            c.Pair("申請單位", RECIPIENT.name),
            c.Pair("送件日期", f"{today.year - 1911}/{today.month}/{today.day}"),
        ),
        note="本卷供審查委員審查使用，請勿轉傳。",
    )


_BUILDERS = {
    DocumentKind.SUPPLEMENT: _supplement,
    DocumentKind.RETURN: _return,
    DocumentKind.APPROVAL: _approval,
    DocumentKind.REJECTION: _rejection,
    DocumentKind.RESERVE: _reserve,
    DocumentKind.CONTRACT: _contract,
    DocumentKind.RECEIPT: _receipt,
    DocumentKind.PLAN: _plan,
    DocumentKind.SELF_CHECK: _self_check,
    DocumentKind.MINUTES: _minutes,
    DocumentKind.SCORE_SHEET: _score_sheet,
    DocumentKind.CASE_BOOK: _case_book,
    DocumentKind.PLAN_REPORT: _plan_report,
}
