"""What an invented company writes into its case: complete facts that keep every rule of the 114 call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.workdays import add_months
from ipas_portal.demo import people
from programs.rules import facts as f
from programs.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class Theme:
    """A digital-improvement problem and what the plan does about it."""

    title: str
    problem: str
    measure: str
    roles: tuple[str, ...]
    lecture: str
    practice: str
    benefit: str
    benefit_key: str
    baseline: str
    target: str


THEMES = (
    Theme("智慧產線停機預警實作人才培育計畫", "停機原因仍靠紙本登錄，月底才彙整，無法及時改善", "停機原因即時登錄率由 42% 提高到 95%",
          ("smart_production", "iot", "ai_planning"), "設備聯網與資料擷取", "停機預警看板專案", "設備效率", "equipment_efficiency", "68", "76"),
    Theme("AI 視覺檢測導入暨人才培育計畫", "外觀檢驗靠人工目視，漏檢率高、夜班人力不足", "以影像辨識輔助檢驗，漏檢率降到千分之三以下",
          ("ai_planning", "smart_production", "automation"), "影像辨識與資料標註", "外觀瑕疵辨識專案", "作業良率", "yield_rate", "96.2", "98.5"),
    Theme("加工參數資料化與數位師徒培育計畫", "加工參數存在老師傅的筆記裡，新人上手要半年", "關鍵機台參數全部資料化，新人三個月可獨立作業",
          ("machine_tool", "mechanical_design", "smart_production"), "加工製程與參數分析", "數位參數庫建置專案", "專案開發時間", "lead_time", "45", "30"),
    Theme("廠內資安防護實作人才培育計畫", "生產網路與辦公網路未分隔，曾因病毒停線一日", "完成網段分隔與弱點修補，建立通報與演練機制",
          ("security", "smart_network", "iot"), "工控資安基礎與風險評估", "產線網段分隔與演練專案", "人均產值", "output_per_head", "2850000", "3050000"),
    Theme("電動車零組件設計數位化培育計畫", "設計與模擬分屬不同系統，改版資料常遺漏", "導入設計資料串接，改版錯誤件數減半",
          ("electric_vehicle", "mechanical_design", "ai_planning"), "電動車零組件設計與模擬", "設計資料串接專案", "專案開發時間", "lead_time", "60", "42"),
    Theme("食品產線溯源與品質數據人才培育計畫", "批次溯源要翻閱多本紀錄，客訴處理平均五天", "批次溯源於一小時內完成，客訴處理縮短為兩天",
          ("food_quality", "operations", "iot"), "食品品質數據與溯源制度", "批次溯源系統專案", "成本", "cost", "18500000", "16800000"),
    Theme("電路板製程數據分析人才培育計畫", "蝕刻不良原因難以追查，工程師各自整理試算表", "建立製程資料庫，主要不良率降低兩成",
          ("circuit_board", "ai_planning", "operations"), "製程數據分析與統計", "不良原因分析專案", "作業良率", "yield_rate", "94.8", "96.5"),
    Theme("機器手臂整線自動化人才培育計畫", "上下料仍以人工搬運，瓶頸站一天只能開一班", "瓶頸站導入機器手臂，稼動時數提高三成",
          ("robotics", "automation", "electrical_control"), "機器手臂操作與程式設計", "自動上下料單元專案", "人均產值", "output_per_head", "3100000", "3450000"),
)  # fmt: skip


PARTNERS = (
    "宏遠自動化",
    "立景光電",
    "安泰生醫",
    "嘉旭半導體",
    "豐禾綠能",
    "信毅資訊",
    "元創機械",
    "景曜材料",
)


def applicant(company: people.DemoCompany) -> f.Company:
    """The applicant as its case says."""
    return f.Company(
        registered=True,
        kind=company.kind,
        ubn=company.ubn,
        name=company.name,
        postal_code=company.postal_code,
        city=company.city,
        township=company.township,
        address=company.address,
        heads=company.heads,
        representative=company.representative,
        contact_name=company.contact_name,
        contact_phone=company.contact_phone,
        contact_email=company.contact_email,
        codes=company.codes,
    )


def months_before(last: date, months: int) -> date:
    """The first day of a period of so many months that ends on ``last``."""
    start = add_months(last + timedelta(days=1), -months)
    while add_months(start, months) <= last:  # a short month cut the period
        start += timedelta(days=1)
    return start


def texts(terms: Terms, known: dict[str, str], subject: str = "") -> dict[str, str]:
    """The call's texts: those that another call asks for as well, and a sentence for each of the rest."""
    about = f"以{subject}為主題，" if subject else ""
    return {
        item.key: known.get(item.key)
        or f"{item.label}：{about}由負責單位訂定具體做法、時程與檢核方式，每季檢討一次。"
        for item in terms.plan_texts
    }


def case_facts(
    rng: Random,
    terms: Terms,
    company: people.DemoCompany,
    *,
    starts_on: date,
    ends_on: date,
    applied_on: date,
) -> f.CaseFacts:
    """A complete case that no rule of ``terms`` objects to. Same generator state, same case."""
    theme = rng.choice(THEMES)
    trainees = _trainees(rng, theme)
    technical = not any(code.startswith("C") for code in company.codes)
    return f.CaseFacts(
        title=theme.title,
        starts_on=starts_on,
        ends_on=ends_on,
        applied_on=applied_on,
        company=applicant(company),
        eligibility=f.Eligibility(
            founded_on=date(rng.randint(1985, 2016), rng.randint(1, 12), rng.randint(1, 28)),
            bank_rejected=False,
            net_worth=rng.randint(8, 900) * 1_000_000,
            net_worth_basis=rng.choice(("cpa_report", "cpa_report", "tax_return")),
            serves_manufacturing=True if technical else None,
            public_servant_related=False,
        ),
        plan=_plan(theme, company, trainees),
        trainees=trainees,
        courses=_courses(rng, theme, max(t.planned_hours or 0 for t in trainees)),
        schedule=_schedule(starts_on, ends_on, theme),
        budget=_budget(rng, terms, trainees),
        outcomes=_outcomes(theme, trainees),
        advantages=tuple(
            f.Advantage(item.key, rng.random() < 0.5, "佐證資料如附件。")
            for item in terms.advantages
            if item.source == "claimed"
        ),
        other_funding=(),
        avoid_reviewers=(),
        documents=tuple(f.DocumentFact(code, 1) for code in document_codes(technical=technical)),
        declared_no_other_funding=True,
    )


def document_codes(*, technical: bool) -> tuple[str, ...]:
    """The uploads that a company of this line of business hands in (D4–D7)."""
    return ("D4", "D5", "D6", "D7") if technical else ("D4", "D6", "D7")


def _trainees(rng: Random, theme: Theme) -> tuple[f.Trainee, ...]:
    rows = []
    for _ in range(rng.randint(2, 7)):
        who = people.person(rng)
        rows.append(
            f.Trainee(
                name=who.name,
                kind="student",
                gender=who.gender,
                school=people.school(rng),
                department=people.department(rng),
                level=rng.choice(("university3", "university4", "university4", "postgraduate", "college5")),
                job_role=rng.choice(theme.roles),
                planned_hours=rng.choice((120, 120, 130, 144, 160)),
                hourly_wage=rng.choice((250, 250, 260, 280, 300)),
                insured=True,
            )
        )
    for _ in range(rng.randint(0, 8)):
        who = people.person(rng)
        rows.append(
            f.Trainee(
                name=who.name,
                kind="employee",
                gender=who.gender,
                post=people.post(rng),
                job_role=rng.choice(theme.roles),
                planned_hours=rng.choice((120, 120, 132)),
                monthly_wage=rng.choice((36_000, 39_500, 42_000, 48_000)),
                insured=True,
            )
        )
    return tuple(rows)


def _plan(theme: Theme, company: people.DemoCompany, trainees: tuple[f.Trainee, ...]) -> dict[str, str]:
    heads = len(trainees)
    students = sum(t.kind == "student" for t in trainees)
    return {
        "company_profile": f"{company.name}位於{company.city}{company.township}，員工 {company.heads} 人。"
        f"近三年逐步導入數位設備，但{theme.problem}，是目前最想解決的問題。",
        "goals": f"以「{theme.problem}」為題，目標是{theme.measure}，同時培養 {heads} 位能自己分析資料、提出改善的人員。",
        "method": "前半以課程打底，後半由現場工程師一對二帶領專案實作；每兩週檢核一次，結訓前發表成果並由主管評分。",
        "content": f"{theme.lecture}與{theme.practice}兩部分，內容對應 iPAS 鑑定項目的評鑑主題，依學員職務調整深度。",
        "site": "公司訓練教室與示範產線，備有聯網設備、資料平台與安全防護；學生與員工分組輪流使用。",
        "exam_coaching": "結訓前安排 12 小時考前複習與模擬測驗，由公司統一團體報名並負擔報名費。",
        "benefits": f"{heads} 人報考、預計 {max(2, heads * 2 // 3)} 人獲證，留用學生 {max(1, students // 2)} 人；"
        f"{theme.benefit}由 {theme.baseline} 改善為 {theme.target}。",
        "budget_rationale": "人事費依實習時數與時薪估算；業務費含講師鐘點與教材；設備費為平台與機台的使用費，皆附估算方式。",
        "earlier_grants": "首次申請本補助。",
        "incentives": "取得證書者發給一次獎金 6,000 元，留任學生月起薪 40,000 元以上。",
        "special_strategy": "邀請兩家供應商的工程師一同參訓，把改善方法帶回供應鏈。",
    }


def _courses(rng: Random, theme: Theme, hours: int) -> tuple[f.Course, ...]:
    outside, inside = people.person(rng).name, people.person(rng).name
    return (
        f.Course(theme.lecture, "lecture", 48, "訓練教室", outside, "outside", 2000),
        f.Course("iPAS 鑑定考前輔導", "lecture", 12, "訓練教室", outside, "outside", 1800),
        f.Course(theme.practice, "practice", hours - 60, "示範產線", inside, "inside", 1000),
    )


def _schedule(starts_on: date, ends_on: date, theme: Theme) -> tuple[f.Milestone, ...]:
    days = (ends_on - starts_on).days
    middle, late = starts_on + timedelta(days=days // 2), starts_on + timedelta(days=days * 4 // 5)
    return (
        f.Milestone(theme.lecture, starts_on, middle, "完成課程與期中測驗"),
        f.Milestone(theme.practice, starts_on + timedelta(days=days // 4), late, "專案成果發表"),
        f.Milestone("考前輔導與報考", middle, late, "完成 iPAS 團體報名"),
        f.Milestone("成效評估與結案", late, ends_on, "提交結案報告初稿"),
    )


def _budget(rng: Random, terms: Terms, trainees: tuple[f.Trainee, ...]) -> tuple[f.BudgetLine, ...]:
    """Lines whose subsidy is at most half of each line and of the head-count cap (B2–B4)."""
    students = sum(t.kind == "student" for t in trainees)
    employees = len(trainees) - students
    cap = min(2_500_000, 100_000 * students + 60_000 * employees)
    lines = [
        ("personnel", "學生實習薪資", "人月", students, 33_000, 3),
        ("personnel", "計畫人力", "人月", 1, 48_000, 3),
        ("operations", "外聘講師鐘點費", "小時", 60, 2_000, 1),
        ("operations", "教材與耗材", "式", 1, 8_000 * len(trainees), 1),
        ("operations", "產學合作委託勞務", "式", 1, rng.choice((120_000, 180_000, 240_000)), 1),
        ("equipment", "資料平台使用費", "月", 1, rng.choice((30_000, 42_000, 55_000)), 3),
        ("equipment", "實作機台維護費", "式", 1, rng.choice((60_000, 90_000, 120_000)), 1),
    ]
    total = sum(quantity * price * months for *_, quantity, price, months in lines)
    wanted = min(total // 2, cap * rng.choice((80, 90, 95, 100)) // 100)
    return tuple(
        f.BudgetLine(
            account,
            item,
            unit,
            quantity,
            price,
            months,
            # Every line takes the same share, rounded down to hundreds, so that no account passes a half.
            subsidy=quantity * price * months * wanted // total // 100 * 100,
        )
        for account, item, unit, quantity, price, months in lines
    )


def _outcomes(theme: Theme, trainees: tuple[f.Trainee, ...]) -> tuple[f.Outcome, ...]:
    heads = len(trainees)
    unit = {"lead_time": "天", "output_per_head": "元／年", "cost": "元／年"}.get(theme.benefit_key, "%")
    return (
        f.Outcome("exam_entries", "0", str(heads), "人次"),
        f.Outcome("exam_passes", "0", str(max(2, heads * 2 // 3)), "人次"),
        f.Outcome("retention_rate", "0", "60", "%"),
        f.Outcome("starting_pay_bachelor", "36000", "40000", "元／月"),
        f.Outcome(theme.benefit_key, theme.baseline, theme.target, unit),
    )
