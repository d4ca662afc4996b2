"""Balanced automatic assignment of reviewers to cases: who sees what, with nobody overworked.

In this order of importance: never a conflict, as many slots filled as can be, loads as even as can be,
skills that match. Filling and evenness come from shortest augmenting paths (the assignment is a flow whose
cost grows with load); skills from exchanges between two reviewers that leave every load as it is.
The result depends on the facts alone, not on their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


class AssignmentError(ValueError):
    """The input contradicts itself; the message is for the user."""


@dataclass(frozen=True, slots=True)
class ReviewJob:
    """A case to be reviewed; ``roles`` are its trainees' job roles; ``fixed`` reviewers stay as they are."""

    case: str
    roles: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expert:
    """A reviewer: job roles that he or she can judge, most cases in all, cases held elsewhere already."""

    key: str
    skills: frozenset[str] = frozenset()
    capacity: int = 40
    load: int = 0


@dataclass(frozen=True, slots=True)
class Unfilled:
    """Slots that could not be filled, and why."""

    case: str
    missing: int
    reason: str


@dataclass(frozen=True, slots=True)
class AssignmentPlan:
    """Who reviews what. ``loads`` include earlier ones; ``unmatched`` cases have no skilled reviewer."""

    assigned: Mapping[str, tuple[str, ...]]
    loads: Mapping[str, int]
    unfilled: tuple[Unfilled, ...]
    unmatched: tuple[str, ...] = ()

    @property
    def imbalance(self) -> int:
        """Highest load less lowest."""
        return max(self.loads.values()) - min(self.loads.values()) if self.loads else 0


@dataclass(slots=True)
class _State:
    """The assignment while it grows: the movable part by case and by reviewer, and every load."""

    jobs: dict[str, ReviewJob]
    experts: dict[str, Expert]
    eligible: dict[str, list[str]]
    skilled: dict[str, frozenset[str]]
    of_case: dict[str, set[str]]
    held: dict[str, set[str]]
    loads: dict[str, int]
    order: dict[str, int] = field(default_factory=dict)

    def room(self, reviewer: str) -> bool:
        return self.loads[reviewer] < self.experts[reviewer].capacity

    def free(self, case: str) -> list[str]:
        """Eligible reviewers who do not have the case yet."""
        return [r for r in self.eligible[case] if r not in self.of_case[case]]

    def give(self, case: str, reviewer: str) -> None:
        self.of_case[case].add(reviewer)
        self.held[reviewer].add(case)
        self.loads[reviewer] += 1

    def take(self, case: str, reviewer: str) -> None:
        self.of_case[case].discard(reviewer)
        self.held[reviewer].discard(case)
        self.loads[reviewer] -= 1

    def matches(self, case: str) -> int:
        return len((self.of_case[case] | self.jobs[case].fixed) & self.skilled[case])

    def worth(self, case: str, matches: int) -> int:
        """The first skilled reviewer of a case counts for more than any further one."""
        return (10 if matches else 0) + matches if self.jobs[case].roles else 0

    def gain(self, case: str, leaving: str, coming: str) -> int:
        """What the skills of a case gain when one reviewer takes over from another."""
        change = (coming in self.skilled[case]) - (leaving in self.skilled[case])
        if not change:
            return 0
        now = self.matches(case)
        return self.worth(case, now + change) - self.worth(case, now)


def assign(
    jobs: Iterable[ReviewJob],
    experts: Iterable[Expert],
    *,
    per_case: int,
    conflicts: AbstractSet[tuple[str, str]] = frozenset(),
) -> AssignmentPlan:
    """Give each case ``per_case`` reviewers. ``conflicts`` holds (case, reviewer) pairs that must not be.

    Fixed reviewers count and stay, even above a capacity. Raises AssignmentError for a fixed reviewer in
    conflict, duplicate keys and a negative ``per_case``.
    """
    state = _prepare(list(jobs), list(experts), per_case, conflicts)
    closed: set[str] = set()
    for turn in range(per_case):
        for case in sorted(state.jobs, key=lambda c: (len(state.eligible[c]), c)):
            have = len(state.of_case[case]) + len(state.jobs[case].fixed)
            # A case for which no path exists now will not find one later either.
            if have <= turn and case not in closed and not _augment(state, case):
                closed.add(case)
    _improve_skills(state)
    return _plan(state, per_case, conflicts)


def _prepare(
    jobs: list[ReviewJob],
    experts: list[Expert],
    per_case: int,
    conflicts: AbstractSet[tuple[str, str]],
) -> _State:
    by_case = {job.case: job for job in sorted(jobs, key=lambda j: j.case)}
    by_key = {expert.key: expert for expert in sorted(experts, key=lambda e: e.key)}
    if len(by_case) != len(jobs) or len(by_key) != len(experts):
        raise AssignmentError("案號或委員重複。")
    if per_case < 0:
        raise AssignmentError("每案委員人數不得為負數。")
    loads = {key: expert.load for key, expert in by_key.items()}
    for job in by_case.values():
        for reviewer in sorted(job.fixed):
            if (job.case, reviewer) in conflicts:
                raise AssignmentError(f"{job.case} 已指派的委員有利益衝突，請先取消該指派。")
            if reviewer in loads:
                loads[reviewer] += 1
    return _State(
        jobs=by_case,
        experts=by_key,
        eligible={
            case: [r for r in by_key if (case, r) not in conflicts and r not in job.fixed]
            for case, job in by_case.items()
        },
        skilled={
            case: frozenset(r for r, expert in by_key.items() if expert.skills & job.roles)
            for case, job in by_case.items()
        },
        of_case={case: set() for case in by_case},
        held={key: set() for key in by_key},
        loads=loads,
    )


def _augment(state: _State, case: str) -> bool:
    """Fill one slot of a case, moving others along a path if need be; the path ends at the least load."""
    start = state.free(case)
    direct = [r for r in start if state.room(r)]
    least = min((load for r, load in state.loads.items() if state.room(r)), default=None)
    if least is None or not start:
        return False
    best = min(direct, key=lambda r: _preference(state, case, r), default=None)
    if best is not None and state.loads[best] == least:
        state.give(case, best)
        return True
    came_from: dict[str, tuple[str, str] | None] = dict.fromkeys(start)
    queue = sorted(start, key=lambda r: _preference(state, case, r))
    for reviewer in queue:
        for moved in sorted(state.held[reviewer]):
            for other in state.free(moved):
                if other not in came_from:
                    came_from[other] = (reviewer, moved)
                    queue.append(other)
        if len(came_from) == len(state.experts):
            break
    # The queue is in order of path length, so that of equal loads the shortest path moves the fewest.
    ends = [r for r in came_from if state.room(r)]
    if not ends:
        return False
    place = {r: i for i, r in enumerate(queue)}
    end = min(ends, key=lambda r: (state.loads[r], place[r]))
    while (step := came_from[end]) is not None:
        previous, moved = step
        state.take(moved, previous)
        state.give(moved, end)
        end = previous
    state.give(case, end)
    return True


def _preference(state: _State, case: str, reviewer: str) -> tuple[int, bool, int, str]:
    spare = state.experts[reviewer].capacity - state.loads[reviewer]
    return state.loads[reviewer], reviewer not in state.skilled[case], -spare, reviewer


def _improve_skills(state: _State) -> None:
    """Exchange or hand over cases between two reviewers while that helps the skills and harms no balance."""
    keys = list(state.experts)
    improved = True
    while improved:
        improved = False
        for a in keys:
            for b in keys:
                if a != b and _exchange(state, a, b):
                    improved = True


def _exchange(state: _State, a: str, b: str) -> bool:
    """The best single exchange a → b (and b → a in return, unless a has one case more than b)."""
    there, back = _best_move(state, a, b), _best_move(state, b, a)
    if there and there[0] > 0 and state.loads[a] > state.loads[b] and state.room(b):
        state.take(there[1], a)
        state.give(there[1], b)
        return True
    if there and back and there[0] + back[0] > 0:
        for case, giver, taker in ((there[1], a, b), (back[1], b, a)):
            state.take(case, giver)
            state.give(case, taker)
        return True
    return False


def _best_move(state: _State, giver: str, taker: str) -> tuple[int, str] | None:
    best: tuple[int, str] | None = None
    for case in sorted(state.held[giver] - state.held[taker]):
        if taker in state.eligible[case]:
            gain = state.gain(case, giver, taker)
            if best is None or gain > best[0]:
                best = gain, case
    return best


def _plan(state: _State, per_case: int, conflicts: AbstractSet[tuple[str, str]]) -> AssignmentPlan:
    assigned = {case: tuple(sorted(state.of_case[case] | job.fixed)) for case, job in state.jobs.items()}
    unfilled = []
    for case, reviewers in assigned.items():
        if len(reviewers) < per_case:
            missing = per_case - len(reviewers)
            unfilled.append(Unfilled(case, missing, _why(state, case, missing, conflicts)))
    unmatched = tuple(
        c for c, job in state.jobs.items() if job.roles and assigned[c] and not state.matches(c)
    )
    return AssignmentPlan(assigned, dict(state.loads), tuple(unfilled), unmatched)


def _why(state: _State, case: str, missing: int, conflicts: AbstractSet[tuple[str, str]]) -> str:
    total = len(state.experts)
    barred = sum((case, r) in conflicts for r in state.experts)
    rest = state.free(case)
    text = f"尚缺 {missing} 位：委員庫共 {total} 位"
    if barred:
        text += f"，其中 {barred} 位須迴避"
    if rest:
        return f"{text}，其餘可審的 {len(rest)} 位均已達件數上限，改派其他案件也騰不出人力。"
    return f"{text}，可審的委員均已指派。"
