"""The plan book (D2) and the self-check list (D1): a case's facts in the words and tables of paper.

Pure but for what it is given: terms, facts, findings. No contact data and no name of a reviewer to avoid
goes into either: both papers are read by reviewers.
"""

from applications.planbook.chapters import cover, plan_chapters, tables_of
from applications.planbook.selfcheck import self_check_groups

__all__ = ["cover", "plan_chapters", "self_check_groups", "tables_of"]
