"""What a model is told when it is asked for configs."""

from __future__ import annotations

from collections.abc import Sequence

from agent.digest import Digest
from agent.digest.space import placeholders
from agent.study.spec import StudySpec
from prompts.render import Rendered, render

# Calls made side by side are told apart, or they would bring the same configs.
_TOGETHER = "Several advisers are asked at the same time, each with a part of its own. Yours: "
_PARTS = (
    "refine. Stay near the best trials and settle what still matters there.",
    "explore. Go where least was tried and where the trials so far leave the outcome open.",
    "test single parameters. Start from the best trial and change one at a time, by as much as tells most.",
    "recombine. Bring together what the good trials have in common and what only some of them had.",
)
_FIRST_PARTS = (
    "stay close to the defaults, with the changes an expert would make first.",
    "a larger or more thorough model than the defaults, with all that has to change with it.",
    "a smaller, faster or more regularised model than the defaults, with all that has to change with it.",
    "what is known to work for tasks like this one and is furthest from the defaults.",
)


def brief(spec: StudySpec, digest: Digest, k: int, part: int | None = None) -> Rendered:
    """The prompt for `k` configs: of purpose `first` while no trial has ended, else `next`. `part` is the number of
    this call among several made at the same time."""
    purpose = "next" if digest.table.rows else "first"
    parts: Sequence[str] = _PARTS if digest.table.rows else _FIRST_PARTS
    context = {
        **digest.context(),
        "k": k,
        "angle": "" if part is None else _TOGETHER + parts[part % len(parts)],
        "form": placeholders(spec.space),
    }
    return render(purpose, context, folder=spec.agent.prompts, language=spec.agent.language)
