"""What pages about cases show, in a bounded number of queries; and the facts that the rules judge."""

from applications.selectors.facts import (
    by_section,
    closes_at,
    facts,
    fetch,
    findings,
    load,
    open_drafts,
    with_content,
)
from applications.selectors.intake import public_extensions
from applications.selectors.pages import case_list, case_page, get_case, rule_base, startable
from applications.selectors.progress import next_step, section_progress, section_states, stages

__all__ = [
    "by_section",
    "case_list",
    "case_page",
    "closes_at",
    "facts",
    "fetch",
    "findings",
    "get_case",
    "load",
    "next_step",
    "open_drafts",
    "public_extensions",
    "rule_base",
    "section_progress",
    "section_states",
    "stages",
    "startable",
    "with_content",
]
