"""``python -m tests.journeys.listing`` writes docs/screens/README.md: which pictures there are, by audience."""

from __future__ import annotations

from tests.journeys.people import SCREENS

AUDIENCES = {
    "public": "Everybody, without a login",
    "account": "Signing up and logging in",
    "applicant": "The company",
    "designer": "The call designer",
    "office": "The programme office",
    "reviewer": "Reviewers",
    "chair": "The chair of a panel",
    "meeting": "The decision meeting",
    "supervisor": "The ministry",
    "auditor": "The auditor",
    "idle": "Before the idle logout",
}
HEAD = """# Screens

Every picture here was taken by the tests, in headless Chromium, with real data. `KEEP_SCREENS=1 .venv/bin/python -m pytest
tests/journeys && .venv/bin/python -m tests.journeys.listing` takes them anew. Each page stands at 1280 px and at 390 px; bars that stick
to the window's edge are drawn in their place, long pages end after 1,700 px.

* `<audience>-…`: the main journey, in the order of a case (`tests/journeys/steps/`).
* `season-<role>-…`: the role's own pages in the demo season, one of each kind (`tests/journeys/test_axe.py`).
"""


def main() -> None:
    """Write the file."""
    names = sorted({file.name.rsplit("-", 1)[0] for file in SCREENS.glob("*-*.png")})
    lines = [HEAD]
    groups = {words: [n for n in names if n.split("-")[0] == key] for key, words in AUDIENCES.items()}
    for role in dict.fromkeys(n.split("-")[1] for n in names if n.startswith("season-")):
        groups[f"The demo season: {role}"] = [n for n in names if n.startswith(f"season-{role}-")]
    for title, members in groups.items():
        if members:
            lines += [f"## {title}", "", "| | |", "|---|---|"]
            lines += [f"| {name} | {_links(name)} |" for name in members]
            lines.append("")
    (SCREENS / "README.md").write_text("\n".join(lines), encoding="utf-8")


def _links(name: str) -> str:
    found = sorted(SCREENS.glob(f"{name}-[0-9]*.png"), key=lambda file: -int(file.stem.rsplit("-", 1)[1]))
    return " · ".join(f"[{file.stem.rsplit('-', 1)[1]}]({file.name})" for file in found)


if __name__ == "__main__":
    main()
