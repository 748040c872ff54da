"""What a study is: a trainer, a space, an objective, budgets, a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from agent.study.agent_spec import AgentSpec
from agent.study.hint import Hint
from agent.study.llambo_spec import LlamboSpec
from agent.study.policy import Policy
from agent.study.stopping_spec import StoppingSpec
from agent.study.suggested import Suggested
from trainers.contract import Objective
from trainers.space import Config, SearchSpace

SEARCHES = ("guided", "default", "random", "tpe", "gp", "cmaes", "llm", "llm-first", "llambo")
MODEL_SEARCHES = ("llm", "llm-first", "llambo")  # those that ask the agent's model


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a study may spend. None means no limit.

    `trials` counts trials of the study, earlier ones included. `trial_seconds` ends each trial.
    `total_seconds` counts the time during which at least one trial ran, `gpu_hours` the GPUs all trials had.
    """

    trials: int | None = None
    trial_seconds: float | None = None
    total_seconds: float | None = None
    gpu_hours: float | None = None


@dataclass(frozen=True, kw_only=True)
class EngineSpec:
    """Where and how wide trials run. `gpus_per_trial` None: one where the trainer uses GPUs and there are any.

    `jobs` None: as many as there are GPUs for, or one on a CPU. `retries` is how often a trial that
    failed for a transient reason is run again. `price_per_gpu_hour` is in US dollars, None where nobody said.
    `pack` is how many trials of one shape may train as one process; None: as many as is measured to be faster.
    """

    kind: str = "local"
    jobs: int | None = None
    gpus_per_trial: float | None = None
    threads: int = 1
    memory_bytes: int | None = None
    grace_seconds: float = 5.0
    retries: int = 2
    price_per_gpu_hour: float | None = None
    pack: int | None = None

    def share(self, gpus: int, uses_gpu: bool) -> float:
        """GPUs a trial gets on a machine with `gpus` of them."""
        if self.gpus_per_trial is not None:
            return self.gpus_per_trial
        return 1.0 if gpus and uses_gpu else 0.0

    def width(self, gpus: int, uses_gpu: bool, *, packs: bool = False) -> int:
        """How many trials run at once on a machine with `gpus` of them; `packs`: whether the trainer can train several
        as one."""
        if self.jobs is not None:
            return self.jobs
        return self.places(gpus, uses_gpu) * ((packs and self.pack) or 1)

    def places(self, gpus: int, uses_gpu: bool) -> int:
        """How many processes there is room for on a machine with `gpus` GPUs: as many as those hold, or one."""
        share = self.share(gpus, uses_gpu)
        if not share:
            return 1
        # Parts of a trial's GPU do not add up over two cards: three at .3 a trial hold nine, not ten.
        return max(1, gpus * int(1 / share + 1e-9) if share < 1 else int(gpus / share))


@dataclass(frozen=True, kw_only=True)
class StudySpec:
    """A study before it has a history. `options` are the trainer's own (script: command, metrics, cwd, env)."""

    name: str
    trainer: str
    space: SearchSpace
    objective: Objective
    task: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    defaults: Config | None = None  # trial 0; None takes the space's own default
    budget: Budget = Budget()
    policy: Policy = Policy()
    engine: EngineSpec = EngineSpec()
    agent: AgentSpec = AgentSpec()
    stopping: StoppingSpec = StoppingSpec()
    llambo: LlamboSpec = LlamboSpec()
    search: str = "guided"
    seed: int = 0
    seeds: int = 1  # runs of every config, each with another seed, from `seed` on
    use_portfolio: bool = True
    portfolio: tuple[Suggested, ...] = ()  # settled when the study is made, so that a resumed one proposes the same
    hints: tuple[Hint, ...] = ()  # where the person expects good values, as they said it
    unbounded: tuple[int, ...] = ()  # trials that ran out of memory and shall bound nothing, as the person said

    def to_dict(self) -> dict[str, Any]:
        out = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("objective", "budget", "policy", "engine", "agent", "stopping", "llambo"):
            out[name] = asdict(out[name])
        out["space"] = self.space.to_dict()
        out["options"] = dict(self.options)
        out["portfolio"] = [suggested.to_dict() for suggested in self.portfolio]
        out["hints"] = [asdict(hint) for hint in self.hints]
        out["unbounded"] = list(self.unbounded)
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StudySpec:
        out = dict(data)
        out["space"] = SearchSpace.from_dict(out["space"])
        out["objective"] = Objective(**out["objective"])
        out["budget"] = Budget(**out["budget"])
        out["policy"] = Policy(**out["policy"])
        out["engine"] = EngineSpec(**out["engine"])
        out["agent"] = AgentSpec(**out.get("agent", {}))  # studies from before there was one
        out["stopping"] = StoppingSpec(**out.get("stopping", {}))  # likewise
        out["llambo"] = LlamboSpec(**out.get("llambo", {}))  # likewise
        out["portfolio"] = tuple(Suggested.from_dict(s) for s in out.get("portfolio", ()))
        out["hints"] = tuple(Hint(**hint) for hint in out.get("hints", ()))
        out["unbounded"] = tuple(out.get("unbounded", ()))
        return cls(**out)

    def first_config(self) -> Config:
        """The config of trial 0: the trainer's or person's defaults, else the middle of the space."""
        return self.space.snap(self.defaults) if self.defaults else self.space.default()

    def replace(self, **changes: Any) -> StudySpec:
        return replace(self, **changes)
