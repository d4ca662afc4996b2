"""What a score sheet still lacks before it can be handed in (R1–R4), and amounts above the request (A1)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from core.findings import Finding, Severity
from programs.rules.term_parts import Grant
from review.rules.scoring import Scheme, plain

CLAUSE = "參.三(二)"
DOLLARS = Grant()
AMOUNT_CLAUSE = "參.一"


def check_sheet(
    scheme: Scheme,
    scores: Mapping[str, Fraction],
    *,
    amounts: Mapping[str, int],
    requested: Mapping[str, int],
    labels: Mapping[str, str],
    grant: Grant = DOLLARS,
    recommends: bool | None,
    comment: str,
) -> list[Finding]:
    """Every reason why a sheet can't be handed in, in the order of its fields; empty when it is complete.

    ``amounts`` and ``requested``: in the unit of ``grant`` by line, ``labels`` names the lines. An expert who does not
    recommend a grant need not fill in amounts. ``where`` is the field's name in the form.
    """
    found: list[Finding] = []
    for criterion in scheme.criteria:
        where, label = f"score-{criterion.code}", scheme.label(criterion.code)
        score = scores.get(criterion.code)
        if score is None:
            found.append(_error(criterion.code, CLAUSE, f"「{label}」還沒有評分。", where))
        elif not 0 <= score <= scheme.scale:
            message = f"「{label}」的分數須在 0 到 {plain(scheme.scale)} 之間，目前是 {plain(score)}。"
            found.append(_error(criterion.code, CLAUSE, message, where, score=str(score)))
    if recommends is None:
        found.append(_error("R", CLAUSE, "請選擇是否建議補助。", "recommends"))
    for account, limit in requested.items():
        where, label = f"amount-{account}", labels.get(account, account)
        amount = amounts.get(account)
        if amount is None:
            if recommends:
                found.append(
                    _error(
                        "A1", AMOUNT_CLAUSE, f"請填「{label}」的建議{grant.noun}，不建議補助請填 0。", where
                    )
                )
        elif amount > limit:
            message = f"「{label}」建議 {grant.say(amount)}，超過申請的 {grant.say(limit)}。請減少 {grant.say(amount - limit)}。"
            found.append(_error("A1", AMOUNT_CLAUSE, message, where, amount=amount, requested=limit))
    if recommends is False and any(amounts.values()):
        found.append(
            _error(
                "A1", AMOUNT_CLAUSE, f"選了「不建議補助」，建議{grant.noun}須全部是 0 或空白。", "recommends"
            )
        )
    filled = all(account in amounts for account in requested) and any(requested.values())
    if recommends and filled and not any(amounts[account] for account in requested):
        found.append(
            _error("A1", AMOUNT_CLAUSE, f"選了「建議補助」，但建議{grant.noun}全部是 0。", "recommends")
        )
    if not comment.strip():
        found.append(
            _error(
                "A2", "參.三(四)", "請寫給申請單位的建議，會隨審查結果通知申請單位。", "comment_for_applicant"
            )
        )
    return found


def _error(rule: str, clause: str, message: str, where: str, **numbers: object) -> Finding:
    return Finding(rule, clause, Severity.ERROR, message, where, numbers)
