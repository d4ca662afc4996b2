"""Act 7: the auditor finds in the log who did what, when."""

from __future__ import annotations

from tests.journeys.play import Play, figure
from tests.journeys.steps.decision import OURS, THEIRS

AUDITOR = "auditor@example.test"


def act_seven(play: Play) -> None:
    """Everybody of the case stands in the log, with the amounts that were decided."""
    me = play.person(AUDITOR)
    me.go("/auditor/")
    me.shot("auditor-home")
    me.go("/auditor/log/")
    me.shot("auditor-log")
    me.go("/auditor/log/?kind=applications.caseoutcome")
    me.see("錢○導")  # names are masked
    decided = me.text().replace(",", "")
    for amount in (OURS, THEIRS):
        assert str(amount) in decided
    me.shot("auditor-log-decided")
    me.go(play.known["office_case"])
    me.see(figure(OURS), "周承辦")
    me.shot("auditor-case")
    assert me.page.locator("main form[method=post] button[type=submit]").count() == 0, (
        "an auditor changes nothing"
    )
    me.close()
