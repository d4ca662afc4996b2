"""Facts into rows, many cases at once: collected in memory, written with one insert a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import User
from applications.models import (
    AdvantageClaim,
    BudgetLine,
    Case,
    CaseCompany,
    CaseDocument,
    CaseEligibility,
    Course,
    Milestone,
    OutcomePromise,
    Partner,
    PlanText,
    SectionState,
    Trainee,
)
from documents.models import StoredFile
from programs.rules import facts as f

BATCH = 2_000


class Heap:
    """Unsaved rows by model, written in the order in which the models first came."""

    def __init__(self) -> None:
        self._rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)

    def add(self, row: Any) -> Any:
        """Put a row on the heap and return it."""
        self._rows[type(row)].append(row)
        return row

    def write(self) -> None:
        """Insert everything; the heap is empty afterwards."""
        for model, rows in self._rows.items():
            model._default_manager.bulk_create(rows, batch_size=BATCH)
        self._rows.clear()


def _same(model: type[models.Model], fact: Any, **more: Any) -> models.Model:
    """A row whose fields take the facts of the same name; an unknown text is stored as empty text."""
    names = {field.name: field for field in model._meta.fields}
    values = {}
    for name in fact.__dataclass_fields__:
        if name in names:
            value = getattr(fact, name)
            text = isinstance(names[name], models.CharField | models.TextField)
            values[name] = "" if value is None and text else value
    return model(**values, **more)


def _numbered(heap: Heap, model: type[models.Model], facts: Iterable[Any] | None, case: Case) -> None:
    for position, fact in enumerate(facts or ()):
        heap.add(_same(model, fact, case=case, position=position))


def add_content(
    heap: Heap,
    case: Case,
    facts: f.CaseFacts,
    *,
    files: dict[str, StoredFile],
    actor: User | None,
    at: datetime,
) -> None:
    """Everything that a company typed and uploaded, as rows of its case. ``files``: item code → stored file."""
    heap.add(_same(CaseCompany, facts.company, case=case, business_codes=" ".join(facts.company.codes or ())))
    heap.add(_same(CaseEligibility, facts.eligibility, case=case))
    for key, body in (facts.plan or {}).items():
        heap.add(PlanText(case=case, key=key, body=body))
    _numbered(heap, Partner, facts.partners, case)
    _numbered(heap, Trainee, facts.trainees, case)
    _numbered(heap, Course, facts.courses, case)
    _numbered(heap, Milestone, facts.schedule, case)
    _numbered(heap, BudgetLine, facts.budget, case)
    _numbered(heap, OutcomePromise, facts.outcomes, case)
    for claim in facts.advantages or ():
        heap.add(_same(AdvantageClaim, claim, case=case))
    for document in facts.documents or ():
        heap.add(
            CaseDocument(
                case=case, item=document.code, file=files[document.code], added_at=at, added_by=actor
            )
        )
    for section in case.sections:
        heap.add(SectionState(case=case, section=section, version=1, saved_at=at, saved_by=actor))
