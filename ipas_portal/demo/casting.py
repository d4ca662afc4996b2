"""One case of the season: its rows, its history, its reviews, by the state that it has reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from accounts.models import Organisation, User
from applications.enums import CaseState, Section, SubmissionKind, SupplementState
from applications.models import (
    Case,
    CaseTransition,
    Submission,
    SubmissionFile,
    Supplement,
    SupplementItem,
    SupplementTransition,
)
from applications.workflow import CASE
from core.workdays import WorkCalendar
from documents.models import StoredFile
from ipas_portal.demo import content, people
from ipas_portal.demo.rows import Heap, add_content
from programs.models import Call
from programs.rules import facts as f
from programs.rules import granting
from programs.rules.casefile import to_json
from programs.rules.sections import sections_of
from programs.selectors import latest_end, work_calendar
from review.enums import AssignmentState, CheckState, PanelCaseState, Verdict
from review.models import (
    Assignment,
    AssignmentTransition,
    CheckTransition,
    ConflictDeclaration,
    CriterionScore,
    Panel,
    PanelCase,
    PanelCaseTransition,
    QualificationCheck,
    QualificationItem,
    RecommendedAmount,
    ReviewerProfile,
    ScoreSheet,
    SignOff,
)
from review.rules.checklist import judged

S = CaseState
# The way that leads to each state: (action, who does it).
WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    S.DRAFT: (),
    S.SUBMITTED: (("submit", "owner"),),
    S.SUPPLEMENTING: (("submit", "owner"), ("request_supplement", "office")),
    S.RETURNED: (("submit", "owner"), ("return", "office")),
    S.WITHDRAWN: (("submit", "owner"), ("withdraw", "owner")),
    S.QUALIFIED: (("submit", "owner"), ("qualify", "office")),
    S.IN_REVIEW: (("submit", "owner"), ("qualify", "office"), ("start_review", "office")),
    S.REVIEWED: (
        ("submit", "owner"),
        ("qualify", "office"),
        ("start_review", "office"),
        ("close_review", "chair"),
    ),
}
CHECKED = (S.QUALIFIED, S.IN_REVIEW, S.REVIEWED)
SUGGESTIONS = (
    "建議補充學員每週實作時數的安排，並說明請假補課的方式。",
    "專案題目與公司痛點連結清楚，建議再明定量化的驗收標準。",
    "考前輔導宜提早安排，並追蹤未通過學員的補考。",
    "業務費中的委託勞務請補充工作項目與估價依據。",
    "建議提高學生留用的誘因，並說明留用後的職涯發展。",
    "資料平台使用費請說明與其他部門共用時的分攤方式。",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What all cases of a call share."""

    call: Call
    files: list[dict[str, StoredFile]]
    office: User
    now: datetime
    panels: tuple[tuple[Panel, tuple[ReviewerProfile, ...]], ...] = ()
    facts: Callable[..., f.CaseFacts] = content.case_facts
    until: datetime | None = None  # when the last case was begun; the end of the window where nothing is said
    calendar: WorkCalendar = field(default_factory=work_calendar)


def add_case(
    heap: Heap,
    scene: Scene,
    rng: Random,
    *,
    number: int | None,
    company: people.DemoCompany,
    organisation: Organisation,
    owner: User,
    state: str,
    level: int | None = None,
) -> Case:
    """Put one case with its whole history on the heap. ``number`` is None for a draft; ``level``: about its score."""
    call = scene.call
    terms = call.terms
    opened = min(scene.until or scene.now, call.effective_closes_at) - timedelta(
        days=rng.randint(3, 30), minutes=rng.randint(0, 600)
    )
    submitted_at = opened + timedelta(hours=rng.randint(3, 60)) if number else None
    period = latest_end(terms)
    facts = scene.facts(
        rng,
        terms,
        company,
        starts_on=period - timedelta(days=70),
        ends_on=period,
        applied_on=(submitted_at or opened).date(),
    )
    if state == S.DRAFT:
        facts = _half_done(rng, facts)
    steps = _history(rng, state, submitted_at, scene)
    ended = state in (S.RETURNED, S.WITHDRAWN)
    case = heap.add(
        Case(
            call=call,
            terms=call.current_terms,
            organisation=organisation,
            state=state,
            number=f"{call.slug.upper()}-{number:04d}" if number else None,
            title=facts.title or "",
            starts_on=facts.starts_on,
            ends_on=facts.ends_on,
            declared_no_other_funding=bool(facts.declared_no_other_funding),
            created_by=owner,
            created_at=opened,
            updated_at=steps[-1][1] if steps else opened,
            submitted_at=submitted_at,
            received_at=submitted_at,
            closed_at=steps[-1][1] if ended else None,
        )
    )
    people_of = {
        "owner": owner,
        "office": scene.office,
        "chair": scene.panels[0][1][0].user if scene.panels else None,
    }
    before = str(S.DRAFT)
    for (action, who), at in steps:
        target = CASE.transition(before, action).target
        actor = people_of[who]
        heap.add(
            CaseTransition(
                subject=case,
                action=action,
                from_state=before,
                to_state=target,
                actor=actor,
                actor_name=str(actor),
                at=at,
            )
        )
        before = target
    files = rng.choice(scene.files)
    add_content(heap, case, facts, files=files, actor=owner, at=opened)
    if submitted_at:
        _add_submission(heap, case, facts, files, owner, submitted_at)
    if state == S.SUPPLEMENTING:
        against = _add_supplement(heap, case, rng, scene, steps[-1][1])
        _add_check(heap, case, scene, steps[-1][1], against)
    if state in CHECKED:
        _add_check(heap, case, scene, steps[1][1], {})
    if state in (S.IN_REVIEW, S.REVIEWED):
        level = rng.randint(58, 92) if level is None else level
        _add_review(heap, case, facts, rng, scene, done=state == S.REVIEWED, at=steps[2][1], level=level)
    return case


def _history(
    rng: Random, state: str, submitted_at: datetime | None, scene: Scene
) -> list[tuple[tuple[str, str], datetime]]:
    steps = []
    at = submitted_at
    for step in WAYS[state]:
        assert at is not None
        steps.append((step, min(at, scene.now - timedelta(minutes=5))))
        at += timedelta(hours=rng.randint(20, 60))
    return steps


def _half_done(rng: Random, facts: f.CaseFacts) -> f.CaseFacts:
    """A draft that somebody is still at: later sections empty, one figure that breaks a rule."""
    stage = rng.randint(0, 3)
    facts = replace(facts, documents=(), outcomes=())
    if stage <= 2:
        facts = replace(facts, advantages=(), schedule=())
    if stage <= 1:
        facts = replace(facts, budget=(), courses=(), declared_no_other_funding=False)
    if stage == 3 and facts.trainees:
        first = replace(facts.trainees[0], planned_hours=118)
        facts = replace(facts, trainees=(first, *facts.trainees[1:]))
    if stage == 3 and facts.partners:
        facts = replace(facts, partners=(replace(facts.partners[0], heads=4),))
    return facts


def _add_submission(
    heap: Heap, case: Case, facts: f.CaseFacts, files: dict[str, StoredFile], owner: User, at: datetime
) -> None:
    submission = heap.add(
        Submission(
            case=case,
            sequence=1,
            kind=SubmissionKind.INITIAL,
            at=at,
            by=owner,
            by_name=str(owner),
            snapshot=to_json(facts, call=case.call.slug, number=case.number or ""),
            token=f"demo-{case.pk.hex}",
        )
    )
    for document in facts.documents or ():
        file = files[document.code]
        heap.add(
            SubmissionFile(
                submission=submission,
                item=document.code,
                file=file,
                name=file.original_name,
                size=file.size,
                sha256=file.sha256,
            )
        )


def _add_supplement(
    heap: Heap, case: Case, rng: Random, scene: Scene, at: datetime
) -> dict[str, tuple[str, str]]:
    """An open notice; item of the checklist → (reason, place that it opens), as the check must say it too."""
    due_on = scene.calendar.add(scene.now.date(), max(rng.randint(0, 5), 1))
    supplement = heap.add(
        Supplement(
            case=case,
            sequence=1,
            state=SupplementState.OPEN,
            note="請於期限內補正下列項目。",
            requested_at=at,
            requested_by=scene.office,
            first_due_on=due_on,
            due_on=due_on,
        )
    )
    heap.add(
        SupplementTransition(
            subject=supplement, action="open", from_state="", to_state=SupplementState.OPEN, actor=scene.office,
            actor_name=str(scene.office), at=at,
        )
    )  # fmt: skip
    terms = scene.call.terms
    uploads = [d for d in terms.documents if d.made_by == "upload" and d.condition == "always"]
    item = next((d for d in uploads if d.code == "D6"), uploads[0])
    against = {item.code: (f"「{item.label}」缺簽章頁，請補上完整掃描檔。", f"documents.{item.code}")}
    plan = [d.code for d in terms.documents if d.made_by == "portal"][-1:]
    if rng.random() < 0.5 and plan and Section.COURSES in sections_of(terms):
        against[plan[0]] = ("請補充實作場域的設備與可容納人數。", Section.COURSES.value)
    for code, (reason, where) in against.items():
        heap.add(SupplementItem(supplement=supplement, where=where, rule=code, reason=reason))
    return against


def _add_check(
    heap: Heap, case: Case, scene: Scene, at: datetime, against: dict[str, tuple[str, str]]
) -> None:
    check = heap.add(
        QualificationCheck(
            case=case, state=CheckState.DECIDED, officer=scene.office, opened_at=at, decided_at=at, version=1
        )
    )
    heap.add(
        CheckTransition(
            subject=check, action="decide", from_state=CheckState.OPEN, to_state=CheckState.DECIDED,
            actor=scene.office, actor_name=str(scene.office), at=at,
        )
    )  # fmt: skip
    for code in judged(case.call.terms):
        reason, place = against.get(code, ("", ""))
        heap.add(
            QualificationItem(
                check_of=check,
                code=code,
                verdict=Verdict.SUPPLEMENT if place else Verdict.PASS,
                reason=reason,
                opens=[place] if place else [],
                judged_at=at,
                judged_by=scene.office,
            )
        )


def _add_review(
    heap: Heap,
    case: Case,
    facts: f.CaseFacts,
    rng: Random,
    scene: Scene,
    *,
    done: bool,
    at: datetime,
    level: int,
) -> None:
    """Assignments, declarations and sheets; finished and signed off when ``done``."""
    panel, members = rng.choice(scene.panels)
    reviewers = rng.sample(members, case.call.terms.settings.reviewers_per_case)
    chair = members[0].user
    seat = heap.add(
        PanelCase(
            panel=panel,
            case=case,
            state=PanelCaseState.CLOSED if done else PanelCaseState.OPEN,
            closed_at=case.updated_at if done else None,
        )
    )
    if done:
        for action, source, target in (("collect", "open", "signing"), ("close", "signing", "closed")):
            heap.add(
                PanelCaseTransition(
                    subject=seat, action=action, from_state=source, to_state=target, actor=chair,
                    actor_name=str(chair), at=case.updated_at,
                )
            )  # fmt: skip
    for reviewer in reviewers:
        state = (
            AssignmentState.SUBMITTED
            if done
            else rng.choice((AssignmentState.ASSIGNED, AssignmentState.DECLARED, AssignmentState.SUBMITTED))
        )
        when = at + timedelta(hours=rng.randint(1, 20))
        assignment = heap.add(
            Assignment(
                panel_case=seat,
                reviewer=reviewer,
                state=state,
                automatic=True,
                explanation="專長相符且目前件數較少",
                assigned_at=at,
                assigned_by=scene.office,
                submitted_at=when if state == AssignmentState.SUBMITTED else None,
            )
        )
        if state == AssignmentState.ASSIGNED:
            continue
        _declare(heap, assignment, reviewer, at)
        _add_sheet(
            heap, assignment, facts, rng, case, level, when, complete=state == AssignmentState.SUBMITTED
        )
        if done:
            heap.add(SignOff(panel_case=seat, assignment=assignment, signed_at=case.updated_at))


def _declare(heap: Heap, assignment: Assignment, reviewer: ReviewerProfile, at: datetime) -> None:
    heap.add(
        ConflictDeclaration(
            assignment=assignment, has_conflict=False, signed_name=reviewer.user.name, signed_at=at
        )
    )
    steps = [("declare", AssignmentState.ASSIGNED, AssignmentState.DECLARED)]
    if assignment.state == AssignmentState.SUBMITTED:
        steps.append(("submit", AssignmentState.DECLARED, AssignmentState.SUBMITTED))
    for action, source, target in steps:
        heap.add(
            AssignmentTransition(
                subject=assignment, action=action, from_state=source, to_state=target, actor=reviewer.user,
                actor_name=str(reviewer.user), at=(assignment.submitted_at or at) if action == "submit" else at,
            )
        )  # fmt: skip


def _add_sheet(
    heap: Heap,
    assignment: Assignment,
    facts: f.CaseFacts,
    rng: Random,
    case: Case,
    level: int,
    at: datetime,
    *,
    complete: bool,
) -> None:
    terms = case.call.terms
    scores: dict[str, Decimal] = {}
    for criterion in terms.criteria:
        scores[criterion.id] = Decimal(min(100, max(30, level + rng.randint(-9, 9))))
    total = sum((score * terms.criterion(key).weight for key, score in scores.items()), Decimal(0)) / 100
    sheet = heap.add(
        ScoreSheet(
            assignment=assignment,
            comment_for_applicant=rng.choice(SUGGESTIONS) if complete else "",
            comment_for_panel="整體可行，經費合理。" if complete else "",
            recommends=total >= terms.settings.pass_mark if complete else None,
            weighted_total=total if complete else None,
            version=1,
            saved_at=at,
        )
    )
    for position, (key, score) in enumerate(scores.items()):
        if complete or position < 2:
            heap.add(CriterionScore(sheet=sheet, criterion=key, score=score))
    if complete:
        share = rng.choice((80, 90, 100, 100))
        step = 1000 if terms.in_dollars else 1
        for ask in granting.asks(terms, facts):
            amount = ask.requested * share // 100 // step * step
            heap.add(RecommendedAmount(sheet=sheet, account=ask.key, amount=amount))
