"""The first line: where one is, what may run without asking, what is spent, what runs and waits."""

from __future__ import annotations

from agent.store.calls import Spent
from agent.study.policy import Policy, PolicyKind
from agent.tui.model import StudyModel
from agent.tui.text import fit, number, seconds
from agent.tui.widgets.bar import Bar, Piece

_NAME = 24  # cells for a model's name
_NEAR = 0.8  # of a limit
_DOING = {
    "propose": "proposing",
    "expect": "weighing a config",
    "explain": "explaining",
    "answer": "answering",
    "reshape": "weighing the space",
    "learn": "writing lessons",
}


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
            *_agent(model),
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
        *_gpu(model),
        Piece("  time " if wide else "  ", "muted", "budget", 2),
        Piece(time, "text", "budget", 3),
    ]


def _gpu(model: StudyModel) -> list[Piece]:
    """GPU hours, where there is a budget of them or a GPU has been used."""
    limit, used = model.spec.budget.gpu_hours, model.standing.gpu_seconds
    if limit is None and not used:
        return []
    said = seconds(used) + (f"/{seconds(limit * 3600)}" if limit is not None else "")
    near = limit is not None and used >= _NEAR * limit * 3600
    return [Piece("  GPU ", "muted", "ledger", 4), Piece(said, "ask" if near else "text", "ledger", 4)]


def _agent(model: StudyModel) -> list[Piece]:
    """The model, what it has cost, how its predictions fared. A cost that is not known is said to be unknown."""
    agent, standing = model.spec.agent, model.standing
    if not agent.has_model:
        return [Piece("  LLM none ", "faint", "model", 1)]
    spent = standing.spent
    name = short_model(agent.model)
    pieces = [Piece(f"  LLM {fit(name, min(len(name), _NAME))}", "muted", "model", 3)]
    if spent is not None:
        near = agent.money is not None and spent.money >= _NEAR * agent.money
        limit = f"/${agent.money:g}" if agent.money is not None else ""
        pieces.append(Piece(f" {_money(spent)}{limit}", "ask" if near else "text", "ledger", 4))
    if standing.calibration:
        pieces.append(Piece(f" ≈{standing.calibration}", "muted", "ledger", 1))
    if standing.thinking:
        doing = _DOING.get(standing.thinking[0], standing.thinking[0])
        pieces.append(Piece(f" {doing}…", "run", "", 2))
    return pieces


def short_model(model: str) -> str:
    """A model's name without where it comes from: `claude-…`, `tiny.gguf`, or a server's host and port."""
    kind, _, rest = model.partition("://")
    if kind in ("http", "https"):
        place, _, name = rest.partition("#")
        return name or place.split("/")[0]
    return model.removeprefix("hf:").rsplit("/", 1)[-1].removeprefix("local:")


def _money(spent: Spent) -> str:
    if spent.unpriced and not spent.money:
        return "$?"
    return f"${spent.money:.2f}{'+?' if spent.unpriced else ''}"


def _live(model: StudyModel) -> list[Piece]:
    running = len(model.running)
    queued = len(model.live) - running
    waiting = len(model.pending) + len(model.actions)
    pieces = [Piece(f"  ▶ {running} run", "run" if running else "faint", "trials", 8)]
    if queued:
        pieces.append(Piece(f"  ○ {queued} queued", "muted", "trials", 2))
    pieces.append(Piece(f"  ◆ {waiting} ask ", "ask+bold" if waiting else "faint", "proposal", 8))
    return pieces
