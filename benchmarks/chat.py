"""What a chat of 60 long turns costs beside an empty one: CPU of the app's process, in a real terminal of 180×50.

An answer streams into the chat at 10 Hz, written to the store as the agent's process writes it, then keys are typed.
Both apps stand side by side and take turns. What each process uses while nothing happens is taken away. The peer is
Textual's own Markdown widget: 60 finished ones above one that is fed the same pieces at the same rate.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agent.store import studies, turns
from agent.store.connection import open_store
from agent.study.nouns import TurnState
from agent.study.spec import Budget
from benchmarks.harness import Figure
from benchmarks.opening import fill_ours
from benchmarks.terminal import Terminal, pump

_TURNS, _TRIALS = 60, 8
_RATE = 10.0  # updates a second
_KEYS = 20.0  # keys a second
_TICK = os.sysconf("SC_CLK_TCK")
_TEXT = """## What happened

The loss left the **stable region** at step 412 [t3], because `lr = 3e-3` is *too high* for this batch size:

- every trial above 2e-3 failed [t1] [t2]
- the nearest sound one has 1e-3, and took the same time

| trial | lr | val_loss |
|---|---:|---:|
| t1 | 1e-3 | .3121 |
| t3 | 3e-3 | nan |

```python
optimizer = AdamW(model.parameters(), lr=1e-3)
```

Lower it tenfold, or warm up for longer; both keep the gradient norm below the point where it blew up.

"""
_ANSWER = _TEXT * 4
_PEER = """
import sys
from textual.app import App
from textual.containers import VerticalScroll
from textual.widgets import Markdown
TEXT, TURNS, STEP = %r, %d, %d
class Chat(App):
    def compose(self):
        with VerticalScroll():
            for _ in range(TURNS):
                yield Markdown(TEXT)
            yield Markdown("tunewright", id="growing")
    def on_mount(self):
        self.stream, self.at = Markdown.get_stream(self.query_one("#growing")), None
        self.query_one(VerticalScroll).anchor()
        self.set_interval(%f, self.feed)
    def on_key(self):
        self.at = 0
    async def feed(self):
        if self.at is not None and self.at < len(TEXT) * 4:
            await self.stream.write((TEXT * 4)[self.at : self.at + STEP])
            self.at += STEP
Chat().run()
"""


def figures(*, quick: bool) -> list[Figure]:
    seconds, repeats = (3.0, 1) if quick else (8.0, 3)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stores = [_store(Path(folder) / name, count) for name, count in (("full", _TURNS), ("empty", 0))]
        apps = [_open(store) for store in stores]
        peer = _terminal(["-c", _PEER % (_TEXT, _TURNS, _step(seconds), 1 / _RATE)])
        pump((*apps, peer), 6.0)
        pairs = list(zip(apps, stores, strict=True))
        streams = [
            [_marginal(app, apps, _streaming(at, seconds, apps), seconds) / (seconds * _RATE) for app, at in pairs]
            for _ in range(repeats)
        ]
        keys = [[_marginal(app, apps, _typing(app, apps), 3.0) / (3.0 * _KEYS) for app in apps] for _ in range(repeats)]
        other = _marginal(peer, [peer], _feeding(peer, seconds), seconds) / (seconds * _RATE)
        for terminal in (*apps, peer):
            terminal.close()
    full, empty = (statistics.median(column) for column in zip(*streams, strict=True))
    full_key, empty_key = (statistics.median(column) for column in zip(*keys, strict=True))
    wanted = "≤ 1.3× an empty chat"
    head = f"a chat of {_TURNS} long turns"
    return [
        Figure(
            f"{head}: a streamed update", full, empty, "CPU-ms", "an empty chat", wanted, full <= 1.3 * empty, repeats
        ),
        Figure(
            f"{head}: a key",
            full_key,
            empty_key,
            "CPU-ms",
            "an empty chat",
            wanted,
            full_key <= 1.3 * empty_key,
            repeats,
        ),
        Figure(
            f"{head}: a streamed update", full, other, "CPU-ms", "Textual's Markdown", "less", full < other, repeats
        ),
    ]


def _step(seconds: float) -> int:
    return max(int(len(_ANSWER) / (seconds * _RATE)), 1)


def _store(folder: Path, count: int) -> Path:
    """A finished study whose chat has `count` turns."""
    folder.mkdir()
    path = folder / "store.sqlite"
    fill_ours(path, _TRIALS, 20)
    with open_store(path, check=False) as store:
        study = studies.get(store, "bench")
        spec = study.spec.replace(budget=Budget(trials=_TRIALS))
        studies.update(store, study.id, spec, who="person", what="budget")
        for i in range(count):
            turns.add(store, study.id, "person" if i % 2 == 0 else "agent", _TEXT)
    return path


def _open(store: Path) -> Terminal:
    """The app on it, with all its turns on the screen."""
    app = _terminal(["-m", "agent", "--store", str(store)])
    pump((app,), 3.0)
    for _ in range(2):  # those before the last thirty
        app.send(b"/more\r")
        pump((app,), 1.0)
    return app


def _terminal(words: list[str]) -> Terminal:
    terminal = Terminal([sys.executable, *words], 180, 50, {"PYTHONPATH": os.getcwd()})
    terminal.until(lambda output: b"tunewright" in output)
    return terminal


def _cpu(pid: int) -> float:
    """Milliseconds of CPU that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / _TICK


def _marginal(app: Terminal, beside: list[Terminal], do: Callable[[], None], seconds: float) -> float:
    """CPU-ms of `do`, which takes `seconds`, beyond those of as long a rest."""
    start = _cpu(app.pid)
    pump(beside, seconds)
    rest = _cpu(app.pid) - start
    start = _cpu(app.pid)
    do()
    return _cpu(app.pid) - start - rest


def _streaming(path: Path, seconds: float, beside: list[Terminal]) -> Callable[[], None]:
    def stream() -> None:
        count = int(seconds * _RATE)
        with open_store(path, check=False) as store:
            study = studies.get(store, "bench")
            turn = turns.add(store, study.id, "agent", "", state=TurnState.WRITING)
            begun = time.perf_counter()
            for i in range(1, count + 1):
                turns.write(store, turn, _ANSWER[: i * _step(seconds)])
                pump(beside, begun + i / _RATE - time.perf_counter())
            turns.write(store, turn, _ANSWER, state=TurnState.UNDONE)  # one line from now on

    return stream


def _typing(app: Terminal, beside: list[Terminal]) -> Callable[[], None]:
    def type_keys() -> None:
        for i in range(int(3.0 * _KEYS)):
            app.send(b"abcdefghij klmnopqrst "[i % 22 : i % 22 + 1])
            pump(beside, 1 / _KEYS)
        app.send(b"\x15")

    return type_keys


def _feeding(peer: Terminal, seconds: float) -> Callable[[], None]:
    def feed() -> None:
        peer.send(b"x")
        pump([peer], seconds)

    return feed
