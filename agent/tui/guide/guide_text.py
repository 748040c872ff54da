"""The words of the guide: its steps, what will be run, what a try shows, the rows to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from agent.guide.guiding import goals
from agent.guide.nouns import FoundMetric, Reading, Tunable
from agent.guide.plan import Plan, told_rate, told_seconds
from agent.guide.range_words import shown
from agent.guide.trying.running import Progress
from agent.guide.writing import seen
from agent.study.durations import format_duration
from agent.tui.guide.guiding import STEPS, Guiding
from agent.tui.text import Part, fit, neutral, number, size, wrap

_TITLES = {"script": "script", "try": "try", "space": "space", "goal": "goal"}
Line = Sequence[Part]


def steps(now: str) -> list[Part]:
    """` 1 script › 2 try › …`, the present one marked by its brackets as well as its colour."""
    parts: list[Part] = []
    for index, step in enumerate(STEPS, 1):
        word = f"{index} {_TITLES[step]}"
        parts += [(" › ", "faint")] if index > 1 else []
        parts.append((f"[{word}]", "primary") if step == now else (word, "muted"))
    return parts


def opening(state: Guiding, *, first: bool) -> list[Part]:
    """Above the scripts that were found."""
    head = "From your training script to a first proposal" if first else "Another study from a training script"
    parts: list[Part] = [(f"{head}\n", "title")]
    if state.found is None:
        return [*parts, ("looking for training scripts …\n", "faint")]
    if state.found:
        return [*parts, ("It is read first, and run only if you say so. Which one trains?\n", "muted")]
    return [
        *parts,
        (f"No training script was found in {neutral(str(state.folder))}.\n", "text"),
        ("Open tunewright in its folder, or choose 'another file' and write its path.\n", "muted"),
    ]


def trying(state: Guiding, width: int) -> list[Line]:
    """The step in which the script is run."""
    if state.problem and state.reading is None:
        return [*wrap([(f"✗ {neutral(state.problem)}", "bad")], width), [], [("b goes back", "muted")]]
    if state.reading is None:
        return [[("reading it …", "faint")]]
    lines = [*_read(state.reading, state.tunables, width), []]
    if state.tried is not None and not state.trying:
        return [*lines, *_tried(state, width)]
    if state.trying:
        return [*lines, *_running(state.progress, width)]
    words = " ".join(state.reading.command)
    return [
        *lines,
        *wrap(
            [("A try runs ", "text"), (neutral(words), "strong"), (" in its folder for at most 30 seconds,", "text")],
            width,
        ),
        *wrap([("to see what it reports and how fast it is. It ends once enough was seen.", "text")], width),
        [],
        [("enter", "primary"), (" tries it   ", "muted"), ("s", "primary"), (" goes on without", "muted")],
    ]


def _read(reading: Reading, tunables: Sequence[Tunable], width: int) -> list[Line]:
    styles = ", ".join(dict.fromkeys(str(t.option.origin.style) for t in tunables))
    head = f"{reading.script.name}: {len(tunables)} things could be tuned ({styles}), "
    head += f"{sum(t.chosen for t in tunables)} are chosen"
    lines: list[Line] = [*wrap([("✓ ", "good"), (neutral(head), "strong")], width)]
    for note in reading.notes[:3]:
        lines += wrap([(f"  {neutral(note)}", "muted")], width)
    return lines


def _running(progress: Progress | None, width: int) -> list[Line]:
    if progress is None:
        return [[("▶ starting …", "run")]]
    share = min(progress.seconds / progress.of, 1.0)
    cells = max(min(width - 24, 40), 10)
    bar = "█" * round(share * cells)
    lines: list[Line] = [
        [
            ("▶ running ", "run"),
            (bar, "primary"),
            ("░" * (cells - len(bar)), "faint"),
            (f" {progress.seconds:.0f}/{progress.of:.0f}s", "muted"),
        ],
        [("s", "primary"), (" stops it with what was seen", "muted")],
        [],
    ]
    for glimpse in progress.metrics[:8]:
        lines.append(
            [
                (fit(neutral(glimpse.name), 24), "text"),
                (fit(number(glimpse.value), 12), "strong"),
                (f"seen {glimpse.count}×", "faint"),
            ]
        )
    if progress.steps_per_second:
        lines.append([(fit("speed", 24), "muted"), (f"{progress.steps_per_second:.3g}/s", "text")])
    if progress.memory:
        lines.append([(fit("memory", 24), "muted"), (size(progress.memory), "text")])
    last = neutral(progress.last_line).strip()
    return [*lines, [], [(fit(last, width), "faint")]]


def _tried(state: Guiding, width: int) -> list[Line]:
    tried = state.tried
    assert tried is not None
    lines: list[Line] = []
    if tried.problem:
        lines += wrap([("✗ it failed: ", "bad"), (neutral(tried.problem), "text")], width)
        lines += [[(fit(neutral(line), width), "faint")] for line in tried.output[-6:]]
        lines.append([])
        lines.append(
            [
                ("enter", "primary"),
                (" tries it again   ", "muted"),
                ("s", "primary"),
                (" goes on with what was read", "muted"),
            ]
        )
        return lines
    how = "ran to its end" if tried.ended else "was stopped"
    lines.append([("✓ ", "good"), (f"the try {how} after {told_seconds(tried.seconds)}", "strong")])
    facts = [told_rate(tried)]
    facts.append(f"{size(tried.peak_memory)} of memory" if tried.peak_memory else "")
    facts.append(f"a whole run takes about {told_seconds(tried.full_seconds)}" if tried.full_seconds else "")
    lines += wrap([("  " + " · ".join(f for f in facts if f), "muted")], width)
    for metric in tried.metrics[:8]:
        lines.append(_metric(metric))
    if not tried.metrics:
        lines.append([("  nothing like a loss or a score was seen", "ask")])
    for note in tried.notes:
        lines += wrap([(f"  {neutral(note)}", "muted")], width)
    return [*lines, [], [("enter", "primary"), (" goes on   ", "muted"), ("b", "primary"), (" goes back", "muted")]]


def _metric(metric: FoundMetric) -> Line:
    values = " → ".join(
        number(v) for _, v in (metric.seen[:1] + metric.seen[-1:] if len(metric.seen) > 1 else metric.seen)
    )
    return [
        ("  ", ""),
        (fit(neutral(metric.name), 24), "text"),
        (fit(values, 20), "strong"),
        (f"{metric.direction}{'' if metric.sure else ' ?'}", "faint"),
    ]


def _columns(width: int) -> tuple[int, int]:
    """The widths of name and range."""
    return min(max(width // 4, 14), 26), min(max(width // 3, 18), 34)


def parameter_titles(width: int) -> list[Part]:
    name, span = _columns(width)
    said = f"    {fit('parameter', name)} {fit('range', span)} {fit('default', 10)}  {'from' if width > 60 else ''}"
    return [(said, "faint")]


def parameter(tunable: Tunable, width: int) -> list[Part]:
    """One row of the space: chosen or not, name, range, default, where from, `?` for a guess."""
    mark: Part = ("● ", "good") if tunable.chosen else ("○ ", "faint")
    role = "text" if tunable.chosen else "muted"
    default = "–" if tunable.option.default is None else str(tunable.option.default)
    origin = f"{tunable.option.origin.path.name}:{tunable.option.origin.line}"
    name, span = _columns(width)
    parts: list[Part] = [mark, (fit(neutral(tunable.parameter.name), name), role), (" ", "")]
    parts += [(fit(neutral(shown(tunable.parameter)), span), "strong" if tunable.chosen else "muted"), (" ", "")]
    parts += [(fit(neutral(default), 10), "muted"), ("? " if not tunable.sure else "  ", "ask")]
    left = width - name - span - 18
    return [*parts, (fit(neutral(origin), max(left, 0)), "faint")] if left > 6 else parts


def why(plan: Plan, row: int, width: int) -> Sequence[Line]:
    """Under the table: where the row under the cursor is from."""
    if not 0 <= row < len(plan.tunables):
        return []
    return wrap([(neutral(plan.tunables[row].why), "muted")], width)[:2]


def about_goal(plan: Plan, row: str, width: int) -> Sequence[Line]:
    """Under the goal's rows: where the one under the cursor is from, and what comes of it all."""
    said = f"It becomes study.toml in {plan.folder}, which says where each value is from."
    if row == "direction":
        goal = plan.objective
        said = f"{seen(plan, goal)}{'' if goal.sure else ' ?'}. space turns the direction round."
    elif row.startswith("metric "):
        metric = next(m for m in plan.metrics if m.name == row.removeprefix("metric "))
        said = f"{seen(plan, metric)}{'' if metric.sure else ' ?'}. space makes it the objective."
    elif row in ("trials", "trial_time"):
        said = plan.why.get("budget", "")
    return wrap([(neutral(said), "muted")], width)


def goal_rows(plan: Plan) -> list[tuple[str, list[Part]]]:
    """(what it is, how it looks): the metrics that could be optimised, then the budget and the name."""
    rows: list[tuple[str, list[Part]]] = []
    for metric in [m for m in goals(plan) if m.name != plan.objective.name] if plan.metrics else []:
        rows.append(
            (
                f"metric {metric.name}",
                [("○ ", "faint"), (fit(neutral(metric.name), 26), "muted"), (f"{metric.direction}", "faint")],
            )
        )
    goal = plan.objective
    said = f"{goal.direction}{'' if goal.sure else '  ?'}"
    rows.insert(0, ("direction", [("● ", "good"), (fit(neutral(goal.name), 26), "strong"), (said, "muted")]))
    limit = format_duration(plan.budget.trial_seconds) if plan.budget.trial_seconds else "no limit"
    rows.append(("trials", [("  ", ""), (fit("trials", 26), "text"), (str(plan.budget.trials), "strong")]))
    rows.append(("trial_time", [("  ", ""), (fit("time a trial", 26), "text"), (limit, "strong")]))
    rows.append(("name", [("  ", ""), (fit("name", 26), "text"), (neutral(plan.name), "strong")]))
    return rows
