"""What the guide knows so far, kept while the app runs: leaving the page and coming back loses nothing.

Reading a folder and trying a script happen in a thread of their own; the page looks at what they have left here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.guide import guiding
from agent.guide.nouns import Candidate, Reading, Tried, Tunable
from agent.guide.plan import Plan, make, must_have
from agent.guide.printed import printed
from agent.guide.reading.find import find_scripts
from agent.guide.reading.read import read_script
from agent.guide.reading.tunables import tunables
from agent.guide.trying.running import SECONDS, Progress, run_try
from trainers.errors import TunewrightError

STEPS = ("script", "try", "space", "goal")


class Errand:
    """One piece of work in a thread. `done` once it has ended; `problem` says what went wrong."""

    def __init__(self, do: Callable[[Errand], None]) -> None:
        self.done, self.problem, self.cancelled = False, "", threading.Event()
        self._thread = threading.Thread(target=self._run, args=(do,), name="guide", daemon=True)
        self._thread.start()

    def _run(self, do: Callable[[Errand], None]) -> None:
        try:
            do(self)
        except TunewrightError as error:
            self.problem = str(error)
        except OSError as error:
            self.problem = f"{error.strerror or error}"
        finally:
            self.done = True

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)


class Guiding:
    """The guide of one folder. `version` rises with every change that a page should draw."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.step = STEPS[0]
        self.found: Sequence[Candidate] | None = None  # None until the folder has been looked through
        self.reading: Reading | None = None
        self.tunables: Sequence[Tunable] = ()
        self.progress: Progress | None = None
        self.tried: Tried | None = None
        self.plan: Plan | None = None
        self.work: Errand | None = None
        self.trying = False
        self.said = ""  # what a model was asked to do, and what came of it

    @property
    def busy(self) -> bool:
        return self.work is not None and not self.work.done

    @property
    def problem(self) -> str:
        return "" if self.work is None else self.work.problem

    def look(self) -> None:
        """Looks through the folder."""
        self.work = Errand(lambda _: self._found(find_scripts(self.folder)))

    def _found(self, found: Sequence[Candidate]) -> None:
        self.found = found

    def choose(self, path: Path) -> None:
        """Reads a script, without running it; then it can be tried."""
        self.stop()
        self.reading, self.plan, self.tried, self.progress = None, None, None, None
        self.step, self.trying = "try", False
        self.work = Errand(lambda _: self._read(path))

    def _read(self, path: Path) -> None:
        script = guiding.script_of(str(path), self.folder)
        assert script is not None
        reading = read_script(script)
        found = tunables(reading)
        guiding.check_tunable(script, found)
        self.tunables, self.reading = found, reading

    def start_try(self, seconds: float = SECONDS) -> None:
        """Runs the script; `skip` ends it."""
        if self.reading is not None and not self.busy:
            self.trying = True
            self.work = Errand(lambda errand: self._try(errand, seconds))

    def _try(self, errand: Errand, seconds: float) -> None:
        assert self.reading is not None
        self.tried = run_try(
            self.reading,
            seconds,
            words=must_have(self.tunables, ()),
            on_progress=self._progressed,
            cancelled=errand.cancelled.is_set,
        )
        self.trying = False

    def _progressed(self, progress: Progress) -> None:
        self.progress = progress

    def skip(self) -> None:
        """Ends a try that goes on, with what was seen; else goes on without one."""
        if self.trying and self.work is not None:
            self.work.cancelled.set()
        elif self.reading is not None:
            self.make_plan()

    def make_plan(self) -> None:
        """The plan that follows; one that a person has changed already stays, unless there was another try since."""
        assert self.reading is not None
        if self.plan is None or self.plan.tried is not self.tried:
            self.plan = make(self.reading, self.tunables, self.tried, printed=printed(self.reading))
        self.step = "space"

    def ask_model(self, store: Path, model: str) -> None:
        """Has a model read the script as well; what a person has changed meanwhile stays."""
        if self.plan is not None and not self.busy:
            self.said = f"{model} reads the script …"
            plan = self.plan
            self.work = Errand(lambda errand: self._asked(errand, store, model, plan))

    def _asked(self, errand: Errand, store: Path, model: str, plan: Plan) -> None:
        from agent.plain.model_reading import read_by_model

        try:
            read = read_by_model(store, model, plan, errand.cancelled.is_set)
        except TunewrightError as error:
            self.said = f"{model} was of no help: {str(error).rstrip('.')}. What was found without it stands."
            return
        if self.plan is plan:
            self.plan, self.said = read, f"{model} has read it too: {len(read.tunables)} things could be tuned."
        else:
            self.said = f"{model} has read it, but you have changed the space meanwhile: yours stays."

    def back(self) -> bool:
        """To the step before; False on the first."""
        at = STEPS.index(self.step)
        if at:
            self.step = STEPS[at - 1]
        return at > 0

    def stop(self, patience: float = 0.0) -> None:
        """Ends what goes on; waits so long for it."""
        if self.work is not None and not self.work.done:
            self.work.cancelled.set()
            self.work.wait(patience)
