"""Transition tables of checking, scoring and deciding."""

from __future__ import annotations

from core.workflow import Machine, row
from review.enums import AssignmentState as A
from review.enums import CheckState as Q
from review.enums import ConfirmationState as F
from review.enums import InvitationState as I
from review.enums import MeetingState as M
from review.enums import PanelCaseState as C
from review.enums import PanelState as P

CHECK = Machine(
    name="qualification_check",
    initial=Q.OPEN,
    transitions=(
        row("decide", Q.OPEN, Q.DECIDED, by="office", label="完成初審"),
        row("reopen", Q.DECIDED, Q.OPEN, by="office", label="補件後續審"),
    ),
    turn={Q.OPEN: "office"},
)

PANEL = Machine(
    name="panel",
    initial=P.FORMING,
    transitions=(
        row("start", P.FORMING, P.SCORING, by="office", label="開始評分"),
        row("close", P.SCORING, P.CLOSED, by="chair", label="結束小組審查"),
        row("reopen", P.CLOSED, P.SCORING, by="chair", label="重啟小組審查"),
    ),
    turn={P.FORMING: "office", P.SCORING: "reviewer"},
)

INVITATION = Machine(
    name="panel_invitation",
    initial=I.INVITED,
    transitions=(
        row("accept", I.INVITED, I.ACCEPTED, by="reviewer", label="接受邀請"),
        row("decline", [I.INVITED, I.ACCEPTED], I.DECLINED, by="reviewer", label="婉拒邀請"),
        row("invite_again", I.DECLINED, I.INVITED, by="office", label="再次邀請"),
    ),
    turn={I.INVITED: "reviewer"},
)

PANEL_CASE = Machine(
    name="panel_case",
    initial=C.OPEN,
    transitions=(
        row("collect", C.OPEN, C.SIGNING, by="chair", label="請委員確認"),
        row("reopen", [C.SIGNING, C.CLOSED], C.OPEN, by="chair", label="重啟"),
        row("close", C.SIGNING, C.CLOSED, by="chair", label="完成"),
    ),
    turn={C.OPEN: "reviewer", C.SIGNING: "reviewer"},
)

ASSIGNMENT = Machine(
    name="assignment",
    initial=A.ASSIGNED,
    transitions=(
        row("declare", A.ASSIGNED, A.DECLARED, by="reviewer", label="簽署無利益衝突聲明"),
        row("recuse", [A.ASSIGNED, A.DECLARED], A.RECUSED, by="reviewer", label="迴避"),
        row("submit", A.DECLARED, A.SUBMITTED, by="reviewer", label="送出評分"),
        row("reopen", A.SUBMITTED, A.DECLARED, by="chair", label="請委員重新檢視"),
        row("remove", [A.ASSIGNED, A.DECLARED], A.REMOVED, by="office", label="取消指派"),
        row("restore", A.REMOVED, A.ASSIGNED, by="office", label="重新指派"),
    ),
    turn={A.ASSIGNED: "reviewer", A.DECLARED: "reviewer"},
)

MEETING = Machine(
    name="meeting",
    initial=M.PREPARING,
    transitions=(
        row("adopt", M.PREPARING, M.ADOPTED, by="office", label="採用方案"),
        row("reconsider", M.ADOPTED, M.PREPARING, by="office", label="重新審議"),
        row("confirm", M.ADOPTED, M.CONFIRMED, by="supervisor", label="核定"),
        row("send_back", M.ADOPTED, M.PREPARING, by="supervisor", label="退回重議"),
    ),
    turn={M.PREPARING: "office", M.ADOPTED: "supervisor"},
)

CONFIRMATION = Machine(
    name="confirmation",
    initial=F.PENDING,
    transitions=(
        row("start", F.PENDING, F.RUNNING, by="system", label="開始產生結果"),
        # A worker that died leaves RUNNING behind; whoever finds its lease over takes it up again.
        row("restart", F.RUNNING, F.RUNNING, by="system", label="重新接手"),
        row("release", F.RUNNING, F.PENDING, by="system", label="未成，稍後再試"),
        row("finish", F.RUNNING, F.DONE, by="system", label="完成"),
        row("fail", F.RUNNING, F.FAILED, by="system", label="未完成"),
    ),
    turn={F.PENDING: "system", F.RUNNING: "system", F.FAILED: "supervisor"},
)
