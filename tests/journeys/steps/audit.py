"""Act 7: the auditor finds in the log who did what, when."""

from __future__ import annotations

from tests.journeys.play import Play, figure
from tests.journeys.steps.decision import OURS

AUDITOR = "auditor@example.test"


def act_seven(play: Play) -> None:
    """Everybody of the case stands in the log, with the amounts that were decided."""
    me = play.person(AUDITOR)
    me.go("/auditor/")
    me.shot("auditor-home")
    me.go("/auditor/log/")
    me.shot("auditor-log")
    me.go("/auditor/log/?kind=applications.awardline")
    me.see("錢督導")
    amounts = me.text().replace(",", "")
    for amount in (240_000, 160_000, 100_000):
        assert str(amount) in amounts
    me.shot("auditor-log-amounts")
    me.go(play.known["office_case"])
    me.see(figure(OURS), "周承辦")
    me.shot("auditor-case")
    assert me.page.locator("main form[method=post] button[type=submit]").count() == 0, "an auditor changes nothing"
    me.close()
