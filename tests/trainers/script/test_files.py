"""Metrics that a script writes to files."""

from __future__ import annotations

import math
import subprocess
import sys
import textwrap
from pathlib import Path

from trainers import samples
from trainers.script.declared import CsvMetric
from trainers.script.files import CsvFiles
from trainers.script.recorder import Recorder

CSV = {
    "val_loss": {"csv": "logs/metrics.csv", "step": "epoch"},
    "acc": {"csv": "logs/metrics.csv", "column": "val/acc", "step": "epoch"},
}


class Kept:
    """Keeps reports."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, dict[str, float]]] = []

    def report(self, step: int, **metrics: float) -> None:
        self.reports.append((step, metrics))


def followed(path: Path, step: str | None = "epoch") -> tuple[CsvFiles, Kept]:
    kept = Kept()
    return CsvFiles([CsvMetric("val_loss", str(path), "val_loss", step)], str(path), Recorder(kept)), kept


def test_lines_appended_to_the_reports_file_are_reports(run_script):
    source = """
        import json, os
        with open(os.environ["TUNEWRIGHT_REPORTS"], "a") as file:
            for step in (10, 20):
                file.write(json.dumps({"step": step, "val_loss": 1 / step}) + "\\n")
            file.write('{"step": 30, "metrics": {"val_loss": "nan"}}')
    """
    outcome = run_script(textwrap.dedent(source))
    assert [step for step, _ in outcome.curve("val_loss")] == [10, 20, 30]
    assert math.isnan(outcome.curve("val_loss")[-1][1])


def test_a_csv_gives_its_columns_at_their_step_and_blank_cells_nothing(run_script):
    source = """
        import os
        os.mkdir("logs")
        with open("logs/metrics.csv", "w") as file:
            file.write("epoch,step,train_loss,val_loss,val/acc\\n0,10,2.5,,\\n0,20,,1.5,0.25\\n\\n1,30,nan,,\\n1,40,,inf,0.5")
    """
    outcome = run_script(textwrap.dedent(source), metrics=CSV)
    assert outcome.curve("val_loss") == [(0, 1.5), (1, math.inf)]
    assert outcome.curve("acc") == [(0, 0.25), (1, 0.5)]


def test_rows_arrive_as_they_are_written_once_each(tmp_path):
    path = tmp_path / "m.csv"
    files, kept = followed(path)
    files.poll()
    for text, total in (("epoch,val_loss\n0,1", 0), (".5\n", 1), ("1,2\n2,", 2), ("3\n", 3)):
        with path.open("a") as file:
            file.write(text)
        files.poll()
        files.poll()
        assert len(kept.reports) == total
    assert kept.reports == [(0, {"val_loss": 1.5}), (1, {"val_loss": 2.0}), (2, {"val_loss": 3.0})]


def test_a_file_rewritten_with_another_column_repeats_no_row(tmp_path):
    """As Lightning does when a metric first appears."""
    path = tmp_path / "m.csv"
    files, kept = followed(path, step=None)
    path.write_text("val_loss\n1\n2\n")
    files.poll()
    path.write_text("acc,val_loss\n,1\n,2\n9,3\n")
    files.poll()
    assert [metrics["val_loss"] for _, metrics in kept.reports] == [1.0, 2.0, 3.0]


def test_what_stood_in_the_file_before_is_not_this_trials(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("epoch,val_loss\n0,1\n1,2\n")
    files, kept = followed(path)
    files.poll()
    with path.open("a") as file:
        file.write("2,3\n")
    files.poll()
    assert kept.reports == [(2, {"val_loss": 3.0})]


def test_an_earlier_trials_file_that_is_begun_anew_is_read_from_its_start(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("epoch,val_loss\n0,1.00\n")
    files, kept = followed(path)
    path.write_text("epoch,val_loss\n0,7.25\n1,8\n2,9\n")  # longer than before: told apart by its content
    files.poll()
    assert [metrics["val_loss"] for _, metrics in kept.reports] == [7.25, 8.0, 9.0]


def test_wildcards_and_placeholders_find_the_file(run_script, tmp_path):
    source = """
        import os, sys
        folder = os.path.join(sys.argv[1], "version_0")
        os.makedirs(folder)
        open(os.path.join(folder, "metrics.csv"), "w").write("val_loss\\n3\\n")
    """
    outcome = run_script(
        textwrap.dedent(source),
        command=[sys.executable, "train.py", "{run_dir}/logs[1]"],
        metrics={"val_loss": {"csv": "{run_dir}/logs[[]1]/version_*/metrics.csv"}},
    )
    assert outcome.reports == [(0, {"val_loss": 3.0})]


def test_a_missing_column_is_said_with_the_columns_there_are(run_script):
    source = "open('m.csv', 'w').write('epoch,valid_loss\\n0,1\\n')"
    failure = run_script(source, metrics={"val_loss": {"csv": "m.csv"}}).failure
    assert failure.kind == "no_metric"
    assert "valid_loss" in failure.message and "Did you mean 'valid_loss'?" in failure.message


def test_binary_in_a_csv_breaks_nothing(run_script):
    source = "import os\nopen('m.csv', 'wb').write(b'val_loss\\n\\x00\\xff\\n\"1\\n' + os.urandom(999999) + b'\\n5\\n')"
    assert run_script(source, metrics={"val_loss": {"csv": "m.csv"}}).curve("val_loss")[-1][1] == 5.0


def test_the_script_package_needs_nothing_but_python():
    """A bare node runs it: an isolated interpreter without site-packages."""
    root = Path(__file__).resolve().parents[3]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import trainers.script, trainers.failures"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


def test_lines_appended_to_the_samples_file_are_samples(run_script):
    source = """
        import json, os
        with open(os.environ["TUNEWRIGHT_SAMPLES"], "a") as file:
            file.write(json.dumps({"question": "2+2", "answer": "5", "truth": "4", "error": "off by one"}) + "\\n")
            file.write("[[[\\n\\xff\\n{}\\n")
            file.write(json.dumps({"context": [1], "predicted": [2, "nan"], "truth": [2, 3]}))
        print("val_loss=1")
    """
    outcome = run_script(textwrap.dedent(source))
    found = samples.read(outcome.ctx.run_dir)
    assert [(one.answer, one.right, one.error) for one in found.texts()] == [("5", False, "off by one")]
    assert [one.truth for one in found.series()] == [(2.0, 3.0)]


def test_a_script_that_gives_no_samples_leaves_none(run_script):
    outcome = run_script("print('val_loss=1')")
    assert outcome.failure is None
    assert samples.read(outcome.ctx.run_dir) is None
