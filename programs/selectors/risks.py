"""Risks of a plan: their bands, and the matrix before and after measures."""

from __future__ import annotations

from collections import Counter
from typing import Any

from programs.models import Risk
from programs.rules.plans.risks import GRADES, IMPACT, LIKELIHOOD, Band, band


def risks_of(parts: set[int]) -> list[dict[str, Any]]:
    """Risks with their bands before and after measures. One query."""
    return [
        {
            "risk": risk,
            "before": band(risk.likelihood, risk.impact),
            "after": band(risk.likelihood_after, risk.impact_after),
            "value": risk.likelihood * risk.impact,
            "value_after": risk.likelihood_after * risk.impact_after,
        }
        for risk in Risk.objects.filter(part__in=parts).select_related("part").order_by("position")
    ]


def matrices(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The 3 × 3 matrix before and after measures: impact downwards from grave, likelihood to the right."""

    def cells(likelihood: str, impact: str) -> list[dict[str, Any]]:
        return [
            {
                "impact": i,
                "label": IMPACT[i],
                "cells": [
                    {
                        "band": band(p, i),
                        "codes": [
                            r["risk"].code
                            for r in rows
                            if getattr(r["risk"], likelihood) == p and getattr(r["risk"], impact) == i
                        ],
                    }
                    for p in GRADES
                ],
            }
            for i in reversed(GRADES)
        ]

    def count(key: str) -> str:
        counted = Counter(r[key] for r in rows)
        return "、".join(f"{b.label} {counted[b]}" for b in reversed(Band) if counted[b])

    heads = [{"grade": p, "label": LIKELIHOOD[p]} for p in GRADES]
    return [
        {
            "title": "對策前",
            "words": count("before"),
            "rows": cells("likelihood", "impact"),
            "heads": heads,
        },
        {
            "title": "對策後",
            "words": count("after"),
            "rows": cells("likelihood_after", "impact_after"),
            "heads": heads,
        },
    ]
