"""A study file is read whole, or told whole what is wrong with it."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from agent.study.policy import Policy, PolicyKind
from agent.study.problems import StudyFileError
from agent.study.spec import Budget, EngineSpec, StudySpec
from agent.study.study_file import parse_study, read_study_file, to_toml
from agent.study.toml_lines import key_lines
from trainers import catalog
from trainers.contract import Objective
from trainers.errors import TunewrightError

DESIGN = """[study]
name = "cifar-wrn"
command = ["python", "train.py", "--lr", "{lr}", "--wd", "{wd}", "--batch-size", "{batch_size}"]
objective = { metric = "val_loss", direction = "minimize" }
budget = { trials = 40, trial_time = "20min", total = "8h" }

[space]
lr = { type = "float", low = 1e-5, high = 1e-1, log = true, default = 1e-3 }
wd = { type = "float", low = 0.0, high = 0.3 }
batch_size = { type = "categorical", choices = [64, 128, 256] }

[metrics]
val_loss = { regex = 'val_loss[=: ]+([0-9.eE+-]+|nan|inf)' }
"""
SMALL = """[study]
name = "s"
command = ["python", "train.py", "{lr}"]
objective = { metric = "loss" }
[space]
lr = { type = "float", low = 0, high = 1 }
"""
FULL = """constraints = ["a < b"]
[study]
name = "full"
command = ["./run.sh", "{a}", "--b={b}", "{opt}", "--m", "{m}"]
cwd = "sub"
objective = { metric = "acc", direction = "maximize", at = "last" }
budget = { trials = 7, trial_time = "1h30min", total = "2days" }
policy = { kind = "auto-until", trials = 20, target = 0.93, failures = 0 }
search = "tpe"
seed = 42
jobs = 3
[space]
a = { type = "int", low = 1, high = 100, log = true }
b = { type = "int", low = 0, high = 100, step = 10, default = 50 }
opt = { type = "categorical", choices = ["sgd", "adam", true, 1.5] }
m = { type = "float", low = 0.1, high = 0.9, when = "opt == 'sgd'" }
[metrics]
acc = { csv = "logs/{a}.csv", column = "val/acc", step = "epoch" }
"val/loss" = { tensorboard = "{run_dir}/**/events*", tag = "x" }
loss = { regex = '(?P<step>\\d+) loss "(\\S+)"', step_regex = "it (\\\\d+)'" }
[env]
CUDA_LAUNCH_BLOCKING = "1"
[engine]
gpus_per_trial = 0.5
threads = 4
memory = "8GiB"
grace = "1min"
retries = 0
[defaults]
a = 3
opt = "adam"
"""


def read(text: str, folder: str = "/somewhere") -> StudySpec:
    return parse_study(text, Path(folder) / "study.toml")


def problems_of(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(StudyFileError) as caught:
        read(text)
    return [(p.line, p.key, f"{p.what}. {p.remedy}") for p in caught.value.problems]


def test_the_design_page_example_is_read():
    spec = read(DESIGN)
    assert (spec.name, spec.trainer, spec.task) == ("cifar-wrn", "script", "")
    assert spec.objective == Objective("val_loss", "minimize", "best")
    assert spec.budget == Budget(trials=40, trial_seconds=1200.0, total_seconds=28800.0)
    assert list(spec.space.parameters) == ["lr", "wd", "batch_size"]
    assert spec.options == {
        "command": ["python", "train.py", "--lr", "{lr}", "--wd", "{wd}", "--batch-size", "{batch_size}"],
        "metrics": {"val_loss": {"regex": "val_loss[=: ]+([0-9.eE+-]+|nan|inf)"}},
        "cwd": "/somewhere",
        "env": {},
        "params": ["lr", "wd", "batch_size"],
    }
    assert (spec.policy, spec.search, spec.seed, spec.engine) == (Policy(), "guided", 0, EngineSpec())


def test_every_key_reaches_the_study():
    spec = read(FULL)
    assert spec.policy == Policy(kind=PolicyKind.AUTO_UNTIL, trials=20, target=0.93, failures=None)
    assert spec.engine == EngineSpec(
        jobs=3, gpus_per_trial=0.5, threads=4, memory_bytes=8 << 30, grace_seconds=60.0, retries=0
    )
    assert spec.objective == Objective("acc", "maximize", "last")
    assert (spec.search, spec.seed, spec.defaults) == ("tpe", 42, {"a": 3, "opt": "adam"})
    assert spec.options["cwd"] == "/somewhere/sub" and spec.options["env"] == {"CUDA_LAUNCH_BLOCKING": "1"}
    assert [c.text for c in spec.space.constraints] == ["a < b"]
    assert spec.first_config() == {"a": 3, "b": 50, "opt": "adam"}


@pytest.mark.parametrize("text", [DESIGN, SMALL, FULL])
def test_what_is_written_reads_back_as_the_same_study(text):
    spec = read(text)
    written = to_toml(spec, Path("/somewhere"))
    assert read(written) == spec
    assert StudySpec.from_dict(spec.to_dict()) == spec
    assert "#" in written


def test_a_written_study_keeps_its_folder_when_the_file_stands_elsewhere():
    spec = read(DESIGN)
    assert read(to_toml(spec, Path("/elsewhere")), "/elsewhere").options["cwd"] == "/somewhere"


@pytest.mark.parametrize("trainer", ["forest", "bracket"])
def test_a_built_in_trainer_brings_its_space_objective_and_defaults(trainer):
    made = catalog.load(trainer)
    task = made.tasks()[0]
    spec = read(f'[study]\nname = "t"\ntrainer = "{trainer}"\n')
    assert (spec.trainer, spec.task, spec.space) == (trainer, task, made.space(task))
    assert (spec.objective, spec.defaults, spec.options) == (made.objective(task), made.defaults(task), {})
    assert read(to_toml(spec)) == spec


def test_a_default_of_the_file_takes_the_place_of_the_trainers():
    own = catalog.load("bracket").defaults("gru-small")
    spec = read(
        '[study]\nname = "t"\ntrainer = "bracket"\ntask = "gru-small"\n'
        '[space]\nunits = { type = "int", low = 32, high = 64, default = 40 }\n'
    )
    assert spec.first_config() == {**own, "units": 40}


def test_a_trainers_range_can_be_narrowed_and_its_other_parameters_stay():
    task = catalog.load("forest").tasks()[0]
    own = catalog.load("forest").space(task)
    name = next(name for name, p in own.parameters.items() if p.kind == "float")
    spec = read(
        f'[study]\nname = "t"\ntrainer = "forest"\n[space]\n{name} = {{ type = "float", low = 0.9, high = 0.95 }}\n'
    )
    assert spec.space.parameters[name].to_dict() == {"type": "float", "low": 0.9, "high": 0.95}
    assert list(spec.space.parameters) == list(own.parameters)
    assert spec.space.allows(spec.first_config())
    assert read(to_toml(spec)) == spec


# What is added to [study] as its second key (line 3), the key that is told, and what is said of it.
IN_STUDY = [
    ("seeed = 1", "study.seeed", "Did you mean 'seed'?"),
    ("seed = -1", "study.seed", "at least 0 and at most 4294967295"),
    ("seed = true", "study.seed", "True is not a whole number"),
    ('search = "gpp"', "study.search", "Did you mean 'gp'?"),
    ('policy = "akk"', "study.policy", "Did you mean 'ask'?"),
    ("policy = { trials = 3 }", "study.policy.kind", "'kind' is missing"),
    ("policy = 5", "study.policy", "5 is not text such as"),
    ('budget = { trial_time = "20 mins 5" }', "study.budget.trial_time", "is no duration. Write for example 90s"),
    ("budget = { trial_time = 90 }", "study.budget.trial_time", "90 is not a time such as"),
    ("budget = { trails = 90 }", "study.budget.trails", "Did you mean 'trials'?"),
    ("budget = { trials = 0 }", "study.budget.trials", "It must be at least 1"),
    ('budget = "3min"', "study.budget", "'3min' is not a table"),
    ("threads = 3", "study.threads", "It belongs in [engine]."),
    ('trainer = "forest"', "study.trainer", "exclude each other"),
    ('task = "x"', "study.task", "drop the key"),
    ('constraints = ["lr <"]', "study.constraints", "'lr <' is not an expression"),
    ('constraints = ["lr > 2"]', "study.constraints", "lr > 2"),
]

# A table that is added before [space] (from line 5), the key that is told and what is said of it.
TABLES = [
    ("[spaec]\nlr = 1", "spaec", "Did you mean 'space'?"),
    (
        "[metrics]\nlosss = { regex = '(x)' }",
        "study.objective.metric",
        "'loss' is not in [metrics]. Did you mean 'losss'?",
    ),
    ("[metrics]\nloss = { regex = '(x' }", "metrics.loss.regex", "is no regular expression"),
    ("[metrics]\nloss = { regex = 'x' }", "metrics.loss.regex", "has no group for the value"),
    ("[metrics]\nloss = { regex = '(?P<step>x)' }", "metrics.loss.regex", "has no group for the value"),
    ("[metrics]\nloss = { regex = '(x)', step_regex = 'y' }", "metrics.loss.step_regex", "no group for the step"),
    ("[metrics]\nloss = { regexp = '(x)' }", "metrics.loss", "Did you mean 'regex'?"),
    ("[metrics]\nloss = { csv = 'x', tag = 'y' }", "metrics.loss.tag", "unknown key 'tag' beside csv"),
    ("[metrics]\nloss = { csv = 'x', regex = '(y)' }", "metrics.loss", "regex and csv exclude each other"),
    ("[metrics]\nloss = { csv = '{x}' }", "metrics.loss.csv", "{x} in '{x}' names no parameter"),
    ("[metrics]\nloss = { csv = 3 }", "metrics.loss.csv", "csv = 3 is not text"),
    ("[metrics]\nloss = '(x)'", "metrics.loss", "expected a table, got '(x)'"),
    ("[env]\nA = 1", "env.A", '1 is not text. Quote it: A = "1".'),
    ("[engine]\nmemory = '8'", "engine.memory", "Write for example 8GiB"),
    ("[engine]\ngpus_per_trial = 1.5", "engine.gpus_per_trial", "neither a part of a GPU"),
    ("[engine]\ngpus_per_trial = nan", "engine.gpus_per_trial", "nan is not a number"),
    ("[engine]\nkind = 'slum'", "engine.kind", "'slum' is not known here"),
    ("[defaults]\nlrr = 1", "defaults.lrr", "Did you mean 'lr'?"),
    ("[defaults]\nlr = 2", "defaults.lr", "above its upper bound"),
    ("[options]\na = 2", "options", "for built-in trainers"),
]

COMMAND = 'command = ["python", "train.py", "{lr}"]'
LR = 'lr = { type = "float", low = 0, high = 1 }'
# What is replaced, by what, and then the line and key that are told, and what is said.
REPLACED = [
    ('name = "s"', "nmae = 's'", 2, "study.nmae", "unknown key 'nmae'. Did you mean 'name'?"),
    ('name = "s"', "", 1, "study.name", "'name' is missing"),
    ('name = "s"', "name = 3", 2, "study.name", "3 is not text in quotes"),
    ('name = "s"', 'constraints = [\n  "lr < 2",\n  "lrr < 1"]', 4, "study.constraints", "Did you mean 'lr'?"),
    (COMMAND, "", 1, "study.command", "'command' is missing"),
    (COMMAND, 'command = "python train.py"', 3, "study.command", "is not a list of texts"),
    (COMMAND, "command = []", 3, "study.command", "it names no program"),
    (COMMAND, 'command = ["python", 1]', 3, "study.command", "is not a list of texts"),
    (
        '"train.py", "{lr}"',
        '\n"train.py",\n"{lrr}"',
        5,
        "study.command",
        "{lrr} in '{lrr}' names no parameter. Did you",
    ),
    ('"{lr}"', '"{lr"', 3, "study.command", "literal braces"),
    ('objective = { metric = "loss" }', "", 1, "study.objective", "'objective' is missing. Write objective ="),
    ('metric = "loss"', 'direction = "minimize"', 4, "study.objective.metric", "'metric' is missing"),
    ('"loss"', '"loss", direction = "minimise"', 4, "study.objective.direction", "Did you mean 'minimize'?"),
    ("low = 0", "low = 2", 6, "space.lr.low", "low = 2 is greater than high = 1"),
    ("low = 0", "low = 0, log = true", 6, "space.lr.log", "log = true needs low above 0"),
    ("low = 0", "lo = 0", 6, "space.lr.lo", "unknown key 'lo' for a float. Did you mean 'low'?"),
    ("low = 0, ", "", 6, "space.lr", "'low' is missing"),
    ('"float"', '"flaot"', 6, "space.lr.type", "Did you mean 'float'?"),
    ("low = 0", 'low = 0, when = "x > 1"', 6, "space.lr.when", "names 'x', which is no parameter"),
    ("low = 0", "low = 0, default = 5", 6, "space.lr.default", "above its upper bound 1"),
    (LR, 'lr = { type = "categorical", choices = [] }', 6, "space.lr.choices", "choices is empty"),
    (LR, "lr = 3", 6, "space.lr", "expected a table, got 3"),
    (LR, f"o.x = {LR[5:]}", 6, "space.o.x", "must be quoted"),
    (LR, f"constraints = ['lr > 0']\n{LR}", 6, "space.constraints", "Move it into [study]"),
    (LR, "", 5, "space", "there is no parameter to tune"),
]


@pytest.mark.parametrize(
    "old, new, line, key, said",
    [
        *REPLACED,
        *(('name = "s"', f'name = "s"\n{added}', 3, key, said) for added, key, said in IN_STUDY),
        *(("[space]", f"{table}\n[space]", None, key, said) for table, key, said in TABLES),
    ],
)
def test_a_fault_is_told_with_its_line_key_and_remedy(old, new, line, key, said):
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    wanted = line or key_lines(text)[tuple(key.split("."))]
    found = problems_of(text)
    assert any((at, name) == (wanted, key) and said in words for at, name, words in found), found


def test_every_fault_of_a_file_is_told_at_once_in_order_of_lines():
    text = DESIGN.replace("name =", "nam =").replace('"20min"', '"soon"').replace("low = 0.0", "low = 1.0")
    found = problems_of(text.replace("(", "["))
    assert [(line, key) for line, key, _ in found] == [
        (1, "study.name"), (2, "study.nam"), (5, "study.budget.trial_time"), (9, "space.wd.low"),
    ]  # fmt: skip
    with pytest.raises(StudyFileError) as caught:
        read(text)
    assert str(caught.value).startswith("/somewhere/study.toml: 4 problems\n  /somewhere/study.toml:1: study.name: ")


@pytest.mark.parametrize(
    "text, line",
    [
        ("[study\nname = 'x'\n", 1),
        ("[study]\nname = 'x'\nname = 'y'\n", 3),
        ("[study]\nname = 'x\n", 2),
        ("[study]\n\n\na = [1, 2\n", 4),
        ("[study]\na = \x01\n", 2),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(text, line):
    [(found, _, said)] = problems_of(text)
    assert found == line and "this is not TOML" in said


def test_an_empty_file_is_told_what_it_lacks():
    assert problems_of("") == [(1, "study", "'study' is missing. It is a table: The study itself.")]


def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path):
    with pytest.raises(TunewrightError, match=r"there is no such file.*tunewright init"):
        read_study_file(tmp_path / "none.toml")
    with pytest.raises(TunewrightError, match="this is a folder"):
        read_study_file(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"[study]\nname = '\xe9'\n")
    with pytest.raises(StudyFileError, match=r"latin.toml:2: this is not UTF-8"):
        read_study_file(tmp_path / "latin.toml")
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert read_study_file(tmp_path / "bom.toml").name == "s"


def test_a_trainer_refuses_a_scripts_tables_and_unknown_names():
    head = '[study]\nname = "t"\ntrainer = "forest"\n'
    tables = 'cwd = "x"\n[metrics]\nx = { regex = "(x)" }\n[env]\nA = "1"\n[space]\nzzz = 1\n'
    found = [(line, key) for line, key, _ in problems_of(head + tables)]
    assert found == [(4, "study.cwd"), (5, "metrics"), (7, "env"), (10, "space.zzz")]
    [(line, key, said)] = problems_of(head.replace("forest", "forst"))
    assert (line, key) == (3, "study.trainer") and "Did you mean 'forest'?" in said
    [(line, key, _)] = problems_of(head + 'task = "nope"\n')
    assert (line, key) == (4, "study.task")


# -- warnings ----------------------------------------------------------------------


def warnings_of(text: str, folder: Path) -> list[str]:
    found: list[str] = []
    parse_study(text, folder / "study.toml", found.append)
    return found


def test_a_parameter_that_the_command_never_uses_is_warned_of(tmp_path):
    text = SMALL.replace(', "{lr}"', "")
    [said] = warnings_of(text, tmp_path)
    assert said.startswith(f"{tmp_path}/study.toml:6: space.lr: the command never uses 'lr'. Add \"{{lr}}\"")
    (tmp_path / "train.py").write_text("print('hello')")
    assert len(warnings_of(text, tmp_path)) == 1
    (tmp_path / "train.py").write_text("config = json.load(open(os.environ['TUNEWRIGHT_CONFIG']))")
    assert warnings_of(text, tmp_path) == []


def test_a_file_that_parallel_trials_would_share_is_warned_of(tmp_path):
    text = SMALL + "[metrics]\nloss = { csv = 'logs/metrics.csv' }\n"
    [said] = warnings_of(text, tmp_path)
    assert "study.toml:8: metrics.loss.csv" in said and "{run_dir}" in said
    assert warnings_of(text.replace("logs/", "{run_dir}/"), tmp_path) == []
    assert warnings_of(text + "[engine]\njobs = 1\n", tmp_path) == []


def test_a_choice_that_toml_cannot_say_is_refused_not_changed():
    spec = read(SMALL)
    space = {"parameters": {"x": {"type": "categorical", "choices": [None, 1]}}, "constraints": []}
    with pytest.raises(TunewrightError, match=r"space\.x\.choices: TOML has no word for nothing"):
        to_toml(spec.replace(space=type(spec.space).from_dict(space)))


# -- whatever stands in a file -------------------------------------------------------

NUMBERS = [-1, 0, 10**30, 1.5, float("nan"), float("-inf"), True]
ODD = [*NUMBERS, "", "x", "{", "\0", [], {}, ["x", 1], {"a": {"b": 1}}, [[]], [{}], datetime.date(2020, 1, 1)]


def leaves(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from leaves(value, (*at, key))


@pytest.mark.parametrize("path", list(leaves(tomllib.loads(FULL))), ids=lambda path: ".".join(map(str, path)))
def test_an_odd_value_anywhere_is_read_or_told_never_a_crash(path):
    for value in ODD:
        data = tomllib.loads(FULL)
        inner = data
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        text = tomlkit.dumps(data)
        try:
            assert read(to_toml(read(text), Path("/somewhere"))) == read(text)
        except TunewrightError as error:
            assert str(error)
