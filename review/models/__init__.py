"""Qualification check, panels, scores, decision meeting."""

from review.models.meeting import (
    Allocation,
    DecisionMeeting,
    MeetingAttendance,
    MeetingCase,
    MeetingTransition,
    Scenario,
)
from review.models.panel import (
    Assignment,
    AssignmentTransition,
    ConflictDeclaration,
    Panel,
    PanelCase,
    PanelCaseTransition,
    PanelMember,
    PanelTransition,
    ReviewerProfile,
    ReviewerSkill,
    ReviewerTie,
)
from review.models.qualification import CheckTransition, QualificationCheck, QualificationItem
from review.models.scoring import CriterionScore, RecommendedAmount, ScoreSheet, SignOff

__all__ = [
    "Allocation",
    "Assignment",
    "AssignmentTransition",
    "CheckTransition",
    "ConflictDeclaration",
    "CriterionScore",
    "DecisionMeeting",
    "MeetingAttendance",
    "MeetingCase",
    "MeetingTransition",
    "Panel",
    "PanelCase",
    "PanelCaseTransition",
    "PanelMember",
    "PanelTransition",
    "QualificationCheck",
    "QualificationItem",
    "RecommendedAmount",
    "ReviewerProfile",
    "ReviewerSkill",
    "ReviewerTie",
    "Scenario",
    "ScoreSheet",
    "SignOff",
]
