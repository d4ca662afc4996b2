"""What kinds of body may apply somewhere: data of an organisation, and of the rule that admits some of them."""

from __future__ import annotations

from enum import StrEnum


class ApplicantKind(StrEnum):
    """The legal kind of an applicant (114 貳.一(一); RAISE 要點二(一))."""

    COMPANY = "company"
    PUBLIC_RESEARCH = "public_research"
    UNIVERSITY = "university"
    FOUNDATION = "foundation"
    MEDICAL = "medical"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The word on pages."""
        return _LABELS[self]

    @property
    def noun(self) -> str:
        """What a sentence calls such an applicant: 公司, else 單位, which also stands where the kind is not known."""
        return "公司" if self is ApplicantKind.COMPANY else "單位"

    @property
    def this(self) -> str:
        """The noun with its measure word, as in 這家公司的成員."""
        return "這家公司" if self is ApplicantKind.COMPANY else "這個單位"

    @property
    def yours(self) -> str:
        """How a letter or a page addresses such an applicant."""
        return f"貴{self.noun}"


_LABELS: dict[ApplicantKind, str] = {
    ApplicantKind.COMPANY: "公司",
    ApplicantKind.PUBLIC_RESEARCH: "公立研究機關（構）",
    ApplicantKind.UNIVERSITY: "公私立大學校院",
    ApplicantKind.FOUNDATION: "財團法人學術研究機構",
    ApplicantKind.MEDICAL: "醫療社團法人學術研究機構",
    ApplicantKind.OTHER: "其他機構",
}
