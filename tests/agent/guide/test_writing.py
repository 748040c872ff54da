"""The study file that the guide writes: it reads back without a warning, says where all is from, and can be extended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.guide.nouns import FoundMetric, Option, Origin, Reading, Style, Tried, Tunable
from agent.guide.plan import Plan, make, told_rate
from agent.guide.writing import free, text_of, write
from agent.study.study_file import parse_study
from trainers.errors import TunewrightError
from trainers.parameters import parameter_from_dict

FLOAT = {"type": "float", "low": 1e-5, "high": 0.1, "log": True}


def tunable(folder: Path, name: str, words: tuple[str, ...], spec=FLOAT, *, chosen=True, sure=True, **more) -> Tunable:
    style = more.pop("style", Style.ARGPARSE)
    origin = Origin(folder / "train.py", 12, style)
    option = Option(name=name, kind="float", default=spec.get("default"), words=words, origin=origin, **more)
    why = "default 0.001 at train.py:12; as usual"
    return Tunable(option=option, parameter=parameter_from_dict(name, spec), sure=sure, why=why, chosen=chosen)


def metric(name: str, spec: dict, **more) -> FoundMetric:
    values = {"seen": ((0, 0.5), (1, 0.4)), "where": "output line 7", "direction": "minimize", "sure": True, **more}
    return FoundMetric(name=name, spec=spec, **values)


LOSS = metric("val_loss", {"regex": r"it's val_loss=(\S+)", "step_regex": r"epoch (\d+)"})


def plan_of(folder: Path, tunables, metrics=(LOSS,), command=("bash", "run.sh"), **tried) -> Plan:
    (folder / "train.py").write_text("")
    reading = Reading(script=folder / "train.py", command=command, options=tuple(t.option for t in tunables))
    seen = Tried(command=(), seconds=12.0, ended=False, exit_code=None, metrics=tuple(metrics), **tried)
    return make(reading, tunables, seen)


def test_each_field_says_where_it_is_from(tmp_path):
    lr, wd = tunable(tmp_path, "lr", ("--lr", "{}")), tunable(tmp_path, "wd", ("--wd={}",), sure=False)
    plan = plan_of(tmp_path, [lr, wd], full_seconds=700.0, full_from="10 epochs; it says so itself")
    text = write(plan, tmp_path / "study.toml").read_text()
    assert "# argparse: default 0.001 at train.py:12; as usual\nlr = " in text
    assert "as usual ?\nwd = " in text
    assert "seen on output line 7 of a try of 12s" in text
    assert "# a run takes about 12min (10 epochs; it says so itself)" in text and 'trial_time = "45min"' in text
    assert f'name = "{tmp_path.name}" # from the folder' in text


def test_what_is_not_tuned_is_switched_on_by_removing_the_marks(tmp_path):
    switch = {"type": "categorical", "choices": [True, False], "default": False}
    tunables = [
        tunable(tmp_path, "lr", ("--lr", "{}")),
        tunable(tmp_path, "wd", ("--wd={}",), chosen=False),
        tunable(tmp_path, "amp", ("--amp",), switch, chosen=False),
        tunable(tmp_path, "HIDDEN", (), chosen=False, style=Style.ENVIRONMENT, variable="HIDDEN_SIZE"),
    ]
    path = write(plan_of(tmp_path, tunables), tmp_path / "study.toml")
    warnings: list[str] = []
    assert parse_study(path.read_text(), path, warnings.append).options["command"] == [
        "env",
        "bash",
        "run.sh",
        "--lr",
        "{lr}",
    ]
    everything = re.sub(r'^(\s*)# ("|\w+ = \{)', r"\1\2", path.read_text(), flags=re.MULTILINE)
    spec = parse_study(everything, path, warnings.append)
    assert spec.options["command"] == [
        "env", "HIDDEN_SIZE={HIDDEN}", "bash", "run.sh", "--lr", "{lr}", "--wd={wd}", "{amp?--amp}",
    ]  # fmt: skip
    assert list(spec.space.parameters) == ["lr", "wd", "amp", "HIDDEN"] and warnings == []


def test_constants_get_the_launcher_beside_the_file(tmp_path):
    constant = tunable(tmp_path, "lr", (), style=Style.CONSTANTS)
    path = write(plan_of(tmp_path, [constant], command=("python", "train.py")), tmp_path / "study.toml")
    command = parse_study(path.read_text(), path).options["command"]
    assert command[1:] == ["tunewright_launch.py", "--set", "lr", "train.py"]
    assert (tmp_path / "tunewright_launch.py").exists()


def test_json_lines_need_no_entry_and_other_metrics_wait(tmp_path):
    plan = plan_of(
        tmp_path, [tunable(tmp_path, "lr", ("--lr", "{}"))], [metric("eval_loss", {}), metric("acc", LOSS.spec)]
    )
    text = write(plan, tmp_path / "study.toml").read_text()
    assert parse_study(text, tmp_path / "study.toml").options["metrics"] == {}
    assert "# acc = {" in text


def test_trials_that_would_share_a_file_run_one_at_a_time(tmp_path):
    csv = metric("val_loss", {"csv": "logs/metrics.csv", "column": "val_loss"})
    path = write(plan_of(tmp_path, [tunable(tmp_path, "lr", ("--lr", "{}"))], [csv]), tmp_path / "study.toml")
    warnings: list[str] = []
    assert parse_study(path.read_text(), path, warnings.append).engine.jobs == 1 and warnings == []


def test_folders_for_results_are_each_trials_own(tmp_path):
    out = tunable(tmp_path, "out_dir", ("--out-dir", "{}"), chosen=False)
    reading_option = Option(
        name="out_dir", kind="text", default="out", words=("--out-dir", "{}"), origin=out.option.origin
    )
    plan = plan_of(tmp_path, [tunable(tmp_path, "lr", ("--lr", "{}"))])
    plan = plan.replace(
        reading=Reading(script=plan.reading.script, command=plan.reading.command, options=(reading_option,))
    )
    assert plan.spec().options["command"][-2:] == ["--out-dir", "{checkpoint}"]


def test_nothing_seen_is_a_guess_that_says_so(tmp_path):
    plan = plan_of(tmp_path, [tunable(tmp_path, "lr", ("--lr", "{}"))], [])
    assert "# a guess: nothing like a loss or a score was seen ?" in text_of(plan, tmp_path / "study.toml")


def test_a_file_that_is_there_stays(tmp_path):
    plan, path = plan_of(tmp_path, [tunable(tmp_path, "lr", ("--lr", "{}"))]), tmp_path / "study.toml"
    path.write_text("mine")
    with pytest.raises(TunewrightError, match=r"already.*study-2\.toml.*--force"):
        write(plan, path)
    assert path.read_text() == "mine" and free(path).name == "study-2.toml"
    write(plan, path, force=True)
    assert "val_loss" in path.read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["study.toml", "train.py"]


def test_plans_change_by_toggles_ranges_and_objectives(tmp_path):
    plan = plan_of(
        tmp_path,
        [tunable(tmp_path, "lr", ("--lr", "{}")), tunable(tmp_path, "wd", ("--wd", "{}"))],
        [LOSS, metric("acc", LOSS.spec)],
    )
    assert list(plan.toggled("wd").spec().space.parameters) == ["lr"]
    with pytest.raises(TunewrightError, match="no parameter is chosen"):
        plan.toggled("wd").toggled("lr").spec()
    wider = plan.with_parameter(parameter_from_dict("lr", {"type": "float", "low": 0, "high": 1}))
    assert wider.spec().space.parameters["lr"].high == 1 and "your range" in text_of(wider, tmp_path / "s.toml")
    assert plan.with_objective("acc", "maximize").spec().objective.direction == "maximize"
    with pytest.raises(TunewrightError, match="Did you mean 'val_loss'"):
        plan.with_objective("val_los")


@pytest.mark.parametrize(
    ("unit", "said"), [("epoch", "3.14 epochs/s"), ("batch", "3.14 batches/s"), ("step", "3.14 steps/s")]
)
def test_rates_are_in_words(unit, said):
    tried = Tried(command=(), seconds=1.0, ended=True, exit_code=0, steps_per_second=3.14159, unit=unit)
    assert told_rate(tried) == said
