"""What was recorded of a model's inner life for one call: kept beside the store, and found again for a proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.llm.values import Member, proposed, tokens_at, value_of
from trainers.errors import TunewrightError
from trainers.space import Config

if TYPE_CHECKING:
    from agent.llm.attention import Recording

FOLDER = "insight"  # beside the store


def kept(extra: Mapping[str, Any], store_folder: Path, call_id: int) -> dict[str, Any]:
    """What came with a reply, as plain JSON for the ledger; a recording of attention goes into a file of its own."""
    recording = extra.get("attention")
    if recording is None:
        return dict(extra)
    try:
        return {**extra, "attention": recording.kept(store_folder / FOLDER, call_id)}
    except OSError as error:  # a full disk costs the recording, not the reply
        return {**extra, "attention": {"problem": f"it could not be written: {error.strerror or error}"}}


def recording_of(extra: Mapping[str, Any], store_folder: Path) -> Recording | None:
    """The recording of a call from the ledger's `extra`; None where there was none. Raises TunewrightError where its
    file is gone or damaged."""
    noted = extra.get("attention")
    if not noted:
        return None
    if "file" not in noted:
        raise TunewrightError("the attention was not kept", remedy=f"{noted.get('problem', '')}.")
    from zipfile import BadZipFile

    from agent.llm.attention import load

    path = store_folder / FOLDER / noted["file"]
    try:
        return load(path)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        what = "the attention recorded with this call cannot be read"
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else "the file is damaged"
        raise TunewrightError(f"{what}: {reason}", where=str(path), remedy="It is not kept anywhere else.") from None


def looked_at(recording: Recording, params: Config) -> dict[str, list[float]]:
    """For each parameter of a proposal, how much its value looked at each line of the prompt: shares of 1. Of several
    configs in the reply, the one that is most like `params`, which may have been rounded since."""
    text = "".join(recording.reply)
    configs = proposed(text, list(params))
    if not configs:
        return {}
    places = max(configs, key=lambda config: _likeness(text, config, params))
    return {name: recording.weights(tokens_at(recording.reply, places[name])) for name in params if name in places}


def _likeness(text: str, config: Mapping[str, Member], params: Config) -> float:
    return sum(_alike(value_of(text, config[name]), params[name]) for name in params if name in config)


def _alike(written: Any, kept: Any) -> float:
    if isinstance(written, int | float) and isinstance(kept, int | float):
        return 1.0 - abs(written - kept) / max(abs(written), abs(kept), 1e-300)
    return float(str(written) == str(kept))


def overall(by_value: Mapping[str, Sequence[float]]) -> list[float]:
    """The mean over a proposal's values."""
    return [sum(column) / len(by_value) for column in zip(*by_value.values(), strict=True)]
