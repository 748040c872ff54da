"""The first line: where one is, what may run without asking, what is spent, what runs and waits."""

from __future__ import annotations

from agent.study.policy import Policy, PolicyKind
from agent.tui.model import StudyModel
from agent.tui.text import number, seconds
from agent.tui.widgets.bar import Bar, Piece


def short_policy(policy: Policy) -> str:
    """The policy with all its stops, in as few cells as they need."""
    match policy.kind:
        case PolicyKind.AUTO_UNTIL:
            stops = [
                f"{policy.trials}t" if policy.trials is not None else "",
                f"≤{number(policy.target)}" if policy.target is not None else "",
                f"{policy.failures}✗" if policy.failures is not None else "",
            ]
            return f"auto {'|'.join(s for s in stops if s) or 'budget'}"
        case PolicyKind.ASK_UNLESS_SAFE:
            return "ask-unless-safe"
    return str(policy.kind)


class Header(Bar):
    """Pieces give way from the right of this list: model, budgets, name; never the policy."""

    def __init__(self) -> None:
        super().__init__(id="header")

    def update(self, model: StudyModel) -> None:
        wide = self.size.width >= 150
        policy = model.spec.policy
        said = policy.describe() if wide else short_policy(policy)
        free = policy.kind == PolicyKind.ASK
        left = [
            Piece(" tunewright ▸ " if self.size.width >= 100 else " ", "muted", "studies", 4),
            Piece(model.spec.name, "strong", "studies", 7),
        ]
        right = [
            Piece(" POLICY " if self.size.width >= 100 else " ", "muted", "policy", 6),
            Piece(f"{said} ▾", "text" if free else "ask+bold", "policy", 9),
            *_budgets(model, wide),
            Piece("  LLM no model ", "faint", "", 1),
            *_live(model),
        ]
        self.show(left, right)


def _budgets(model: StudyModel, wide: bool) -> list[Piece]:
    budget, spent = model.spec.budget, model.standing.spent_seconds
    done = len(model.trials)
    trials = f"{done}/{budget.trials}" if budget.trials is not None else f"{done}"
    time = seconds(spent) + (f"/{seconds(budget.total_seconds)}" if budget.total_seconds is not None else "")
    over = budget.trials is not None and done >= budget.trials
    return [
        Piece("  trials " if wide else "  ", "muted", "budget", 3),
        Piece(trials, "ask" if over else "text", "budget", 5),
        Piece("  time " if wide else "  ", "muted", "budget", 2),
        Piece(time, "text", "budget", 3),
    ]


def _live(model: StudyModel) -> list[Piece]:
    running = len(model.running)
    queued = len(model.live) - running
    waiting = len(model.pending)
    pieces = [Piece(f"  ▶ {running} run", "run" if running else "faint", "trials", 8)]
    if queued:
        pieces.append(Piece(f"  ○ {queued} queued", "muted", "trials", 2))
    pieces.append(Piece(f"  ◆ {waiting} ask ", "ask+bold" if waiting else "faint", "proposal", 8))
    return pieces
