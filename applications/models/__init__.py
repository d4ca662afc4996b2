"""The case as the applicant sees it."""

from applications.models.case import Case, CaseLetter, CaseTransition, CaseWindowExtension
from applications.models.content import (
    AdvantageClaim,
    AvoidedReviewer,
    BudgetLine,
    CaseCompany,
    CaseDocument,
    CaseEligibility,
    Course,
    Milestone,
    OtherFunding,
    OutcomePromise,
    Partner,
    PlanText,
    SectionDraft,
    SectionState,
    Trainee,
)
from applications.models.outcome import AwardChange, AwardLine, CaseOutcome
from applications.models.submission import (
    Submission,
    SubmissionFile,
    Supplement,
    SupplementItem,
    SupplementTransition,
)

__all__ = [
    "AdvantageClaim",
    "AvoidedReviewer",
    "AwardChange",
    "AwardLine",
    "BudgetLine",
    "Case",
    "CaseCompany",
    "CaseDocument",
    "CaseEligibility",
    "CaseLetter",
    "CaseOutcome",
    "CaseTransition",
    "CaseWindowExtension",
    "Course",
    "Milestone",
    "OtherFunding",
    "OutcomePromise",
    "Partner",
    "PlanText",
    "SectionDraft",
    "SectionState",
    "Submission",
    "SubmissionFile",
    "Supplement",
    "SupplementItem",
    "SupplementTransition",
    "Trainee",
]
