"""Rules that read what a failed trial printed: its exception, or its last lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.diagnosis.metrics import tokens
from agent.diagnosis.rules.base import Case, Finding, at_line, of_config, of_raised, quoted
from agent.diagnosis.rules.mismatches import DTYPE, SHAPE
from agent.diagnosis.rules.patterns import (
    BAD_ARGUMENT,
    DEVICE,
    DISK_FULL,
    IMPORT,
    MISSING_FILE,
    NAN_DATA,
    NETWORK,
)
from agent.diagnosis.suggest import Reset, Wish
from agent.diagnosis.trace import Raised, nan_was_scored
from agent.study.nouns import Evidence
from trainers.contract import FailureKind

_LAST_LINES = 40
_SILENT = {FailureKind.TIMEOUT, FailureKind.SIGNAL, FailureKind.LOST, FailureKind.NON_FINITE}


@dataclass(frozen=True)
class Clue:
    """A text that may tell the cause. `sure` for the exception that ended the trial."""

    text: str
    evidence: tuple[Evidence, ...]
    sure: bool

    @property
    def confidence(self) -> float:
        return 0.97 if self.sure else 0.85


TextRule = Callable[[Case, Clue], Finding | None]


def clues(case: Case) -> Iterator[Clue]:
    """The exception and what caused it; without one, the last lines, the last of all first."""
    if not case.failed or case.kind in _SILENT:
        return
    raised: Raised | None = case.raised
    if raised is not None:
        yield Clue(raised.text, of_raised(raised), sure=True)
        while (raised := raised.cause) is not None:
            yield Clue(raised.text, of_raised(raised), sure=False)
    elif case.kind is not FailureKind.NO_METRIC:
        for line in case.record.log.backwards(_LAST_LINES):
            if line.text.strip():
                yield Clue(line.text, (at_line(line),), sure=_said_so(case, line.text))
        if case.record.failure and case.record.failure.message:
            message = case.record.failure.message
            yield Clue(message, (Evidence(kind="log", text=quoted(message)),), sure=False)


def _said_so(case: Case, text: str) -> bool:
    """Whether the failure was put down to this very line."""
    message = case.record.failure.message if case.record.failure else ""
    return bool(message) and message in text and case.kind is not FailureKind.NONZERO_EXIT


def from_text(case: Case) -> Finding | None:
    """The first rule that knows a clue. A clue's rules are all tried before the next clue."""
    found = (finding for clue in clues(case) for rule in TEXT_RULES if (finding := rule(case, clue)))
    return next(found, None)


def import_error(case: Case, clue: Clue) -> Finding | None:
    if not (match := IMPORT.search(clue.text)):
        return None
    module = next((g for g in match.groups() if g), "")
    missing = re.search(r"No module named '?([\w.]+)", clue.text)
    what = f"Python found no module '{missing[1]}'" if missing else f"An import failed: {quoted(clue.text)}"
    package = (missing[1] if missing else module).split(".")[0]
    install = f"Install {package or 'the package'} in the script's own interpreter, or correct the import"
    return Finding(
        verdict="import_error",
        confidence=clue.confidence,
        explanation=f"{what}, so nothing was trained. Every config fails alike until that is put right.",
        evidence=clue.evidence,
        advice=f"{install}; params do not matter.",
    )


def bad_argument(case: Case, clue: Clue) -> Finding | None:
    match, chosen = BAD_ARGUMENT.search(clue.text), _chosen(case, clue)
    if not match and not chosen:
        return None
    names = chosen or _named(case, clue.text) or _valued(case, clue.text)
    refused = f" It concerns {', '.join(names)}." if names else ""
    wishes: list[Wish] = [Reset(name, "the value was refused") for name in names]
    usage = match is not None and any(word in match[0] for word in (" unrecognized", "required", "No such option"))
    return Finding(
        verdict="bad_argument",
        confidence=clue.confidence,
        explanation=f"The script or a library refused an argument: {quoted(clue.text)}.{refused} Nothing was trained.",
        evidence=(*clue.evidence, *of_config(case, names)),
        wishes=() if usage else tuple(wishes),
        advice="Make the command and the space agree with what the script accepts.",
    )


def _named(case: Case, text: str) -> list[str]:
    """Parameters that the text names."""
    words = set(re.findall(r"[A-Za-z_][\w.\-]*", text.replace("--", "")))
    plain = {"_".join(tokens(w)) for w in words}
    return [name for name in case.record.params if name in words or "_".join(tokens(name)) in plain]


def _chosen(case: Case, clue: Clue) -> list[str]:
    """Parameters whose word is what an exception did not know: KeyError: 'adamax'."""
    if not clue.sure:
        return []
    params = case.record.params.items()
    return [n for n, v in params if isinstance(v, str) and re.search(rf"['\"]{re.escape(v)}['\"]", clue.text)]


def _valued(case: Case, text: str) -> list[str]:
    """The one parameter whose value, not an everyday number, stands in the text; none where several do."""
    found = [n for n, v in case.record.params.items() if isinstance(v, int | float) and abs(v) not in (0, 1, 2)]
    found = [n for n in found if re.search(rf"(?<![\w.]){re.escape(str(case.record.params[n]))}(?![\w.]*\d)", text)]
    return found if len(found) == 1 else []


def missing_file(case: Case, clue: Clue) -> Finding | None:
    if not MISSING_FILE.search(clue.text):
        return None
    path = re.search(r"['\"]([^'\"]+)['\"]|: ((?:\.{0,2}/)?[\w./\-]+\.\w+)", clue.text)
    name = next((g for g in path.groups() if g), "") if path else ""
    return Finding(
        verdict="missing_file",
        confidence=clue.confidence,
        explanation=f"A file that the script needs is not there{f': {name}' if name else ''}. "
        "Every config fails alike until it is.",
        evidence=clue.evidence,
        advice=f"Put {name or 'the file'} in place or correct the path; relative ones start at the study's folder.",
    )


def disk_full(case: Case, clue: Clue) -> Finding | None:
    if not DISK_FULL.search(clue.text):
        return None
    return Finding(
        verdict="disk_full",
        confidence=clue.confidence,
        explanation="A write failed because the disk or the quota is full. The config is not to blame.",
        evidence=clue.evidence,
        advice="Free space, or write fewer and smaller checkpoints, and run the trial again.",
    )


def network_error(case: Case, clue: Clue) -> Finding | None:
    if not NETWORK.search(clue.text):
        return None
    return Finding(
        verdict="network_error",
        confidence=clue.confidence,
        explanation=f"A connection failed: {quoted(clue.text)}. The config is not to blame.",
        evidence=clue.evidence,
        advice="Run it again, or fetch what it downloads beforehand and work offline.",
    )


def device_error(case: Case, clue: Clue) -> Finding | None:
    if not DEVICE.search(clue.text):
        return None
    return Finding(
        verdict="device_error",
        confidence=clue.confidence,
        explanation=f"Tensors and device do not go together: {quoted(clue.text)}. Params do not matter here.",
        evidence=clue.evidence,
        advice="Move model and data to one device, and ask for CUDA only where torch.cuda.is_available().",
    )


def nan_in_data(case: Case, clue: Clue) -> Finding | None:
    if not NAN_DATA.search(clue.text) or _of_predictions(case):
        return None
    return Finding(
        verdict="nan_in_data",
        confidence=clue.confidence,
        explanation="The data hold NaN or infinite values, and the library refused them. No config can mend that.",
        evidence=clue.evidence,
        advice="Drop or impute the missing values before training, e.g. with sklearn.impute.SimpleImputer.",
    )


def _of_predictions(case: Case) -> bool:
    """Whether NaN was refused where predictions are scored: then the model made them, not the data."""
    return nan_was_scored(case.raised) or case.signals.first_non_finite is not None


def dtype_error(case: Case, clue: Clue) -> Finding | None:
    if not DTYPE.search(clue.text):
        return None
    return Finding(
        verdict="dtype_error",
        confidence=clue.confidence,
        explanation=f"Values of different types met: {quoted(clue.text)}. Params do not matter here.",
        evidence=clue.evidence,
        advice="Convert the inputs once where they are loaded: .float() for features, .long() for class labels.",
    )


def shape_error(case: Case, clue: Clue) -> Finding | None:
    if not SHAPE.search(clue.text):
        return None
    named = _sized(case, clue.text)
    guess = f" {', '.join(named)} appear in the message." if named else ""
    return Finding(
        verdict="shape_error",
        confidence=clue.confidence,
        explanation=f"Data and model do not fit in shape: {quoted(clue.text)}.{guess}",
        evidence=(*clue.evidence, *of_config(case, named)),
        advice="Compare the shapes in the message with the layer's in and out sizes at the cited line.",
    )


def _sized(case: Case, text: str) -> list[str]:
    """Parameters whose value, a whole number above 4, stands in the message."""
    numbers = {int(n) for n in re.findall(r"\d+", text)[:20] if len(n) < 10}
    return [n for n, v in case.record.params.items() if type(v) is int and v > 4 and v in numbers]


# Wordings overlap: the particular before the general.
TEXT_RULES: tuple[TextRule, ...] = (
    import_error, disk_full, network_error, missing_file, device_error, nan_in_data, shape_error, dtype_error,
    bad_argument,
)  # fmt: skip
