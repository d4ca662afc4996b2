"""The decision meeting as pages and services see it, in a bounded number of queries, however many cases.

Two readings: what the ranking is made from (:mod:`ranking`, once, when the list is made), and the board of a scenario
(:mod:`boards`) over the frozen list and its money (:mod:`envelope`).
"""

from review.selectors.decision.boards import Board, board, boards, compare, worths
from review.selectors.decision.envelope import (
    Table,
    allocate,
    asks_of,
    awarded,
    awarded_before,
    candidates,
    limits,
    money,
    table,
)
from review.selectors.decision.meetings import adopted_totals, meeting_list, waiting_cases
from review.selectors.decision.ranking import CaseInput, basis, open_cases, ranking_input, ranking_terms
from review.selectors.decision.results import result_rows
from review.selectors.decision.words import cut_words, share

__all__ = [
    "Board",
    "CaseInput",
    "Table",
    "adopted_totals",
    "allocate",
    "asks_of",
    "awarded",
    "awarded_before",
    "basis",
    "board",
    "boards",
    "candidates",
    "compare",
    "cut_words",
    "limits",
    "meeting_list",
    "money",
    "open_cases",
    "ranking_input",
    "ranking_terms",
    "result_rows",
    "share",
    "table",
    "waiting_cases",
    "worths",
]
