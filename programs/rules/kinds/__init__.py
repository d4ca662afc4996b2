"""Rule kinds by subject. Importing the package registers all of them (see ``registry.KINDS``)."""

from programs.rules.kinds import (  # noqa: F401  (each import registers its kinds)
    advantages,
    applicants,
    budget,
    documents,
    eligibility,
    granting,
    net_worth,
    partners,
    plan,
    promises,
    results,
    statements,
    submission,
    trainees,
)
from programs.rules.kinds.registry import KINDS, Context, Kind, NoParams, is_missing, kind

__all__ = ["KINDS", "Context", "Kind", "NoParams", "is_missing", "kind"]
