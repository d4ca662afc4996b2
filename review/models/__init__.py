"""Qualification check, panels, scores, decision meeting."""

from review.models.confirmation import Confirmation, ConfirmationTransition
from review.models.meeting import (
    Allocation,
    DecisionMeeting,
    MeetingAsk,
    MeetingAttendance,
    MeetingCase,
    MeetingTransition,
    Scenario,
    ScenarioLog,
)
from review.models.panel import (
    Assignment,
    AssignmentTransition,
    ChairDeclaration,
    ConflictDeclaration,
    Panel,
    PanelCase,
    PanelCaseTransition,
    PanelMember,
    PanelMemberTransition,
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
    "ChairDeclaration",
    "CheckTransition",
    "Confirmation",
    "ConfirmationTransition",
    "ConflictDeclaration",
    "CriterionScore",
    "DecisionMeeting",
    "MeetingAsk",
    "MeetingAttendance",
    "MeetingCase",
    "MeetingTransition",
    "Panel",
    "PanelCase",
    "PanelCaseTransition",
    "PanelMember",
    "PanelMemberTransition",
    "PanelTransition",
    "QualificationCheck",
    "QualificationItem",
    "RecommendedAmount",
    "ReviewerProfile",
    "ReviewerSkill",
    "ReviewerTie",
    "Scenario",
    "ScenarioLog",
    "ScoreSheet",
    "SignOff",
]
