"""Ranges: sensible by name, kind, default and choices; the default always inside; what is not training is left alone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.guide.command import command_of
from agent.guide.nouns import Option, Origin, Reading, Style, Tunable
from agent.guide.reading.conditions import chosen_of, constraints_of, space_of
from agent.guide.reading.read import read_script
from agent.guide.reading.tunables import tunables
from trainers.script.command import build

SCRIPTS = Path(__file__).parent / "scripts"
MAIN = ["torch_argparse/train.py", "lightning_like/train.py", "hf_like/finetune.py", "keras_like/train.py",
        "sklearn_cv/train_model.py", "hydra_like/train.py", "constants/train.py", "shell/run.sh", "click_cli/train.py",
        "typer_cli/train.py", "dataclass_loop/train.py", "pydantic_cli/train.py"]  # fmt: skip


def option(name: str, default: Any, kind: str = "", **more: Any) -> Option:
    kind = kind or {bool: "bool", int: "int", float: "float"}.get(type(default), "text")
    origin = Origin(Path("train.py"), 12, Style.ARGPARSE)
    return Option(name=name, kind=kind, default=default, words=(f"--{name}", "{}"), origin=origin, **more)


def of(*options: Option) -> dict[str, Tunable]:
    reading = Reading(script=Path("train.py"), command=("python", "train.py"), options=options)
    return {t.option.name: t for t in tunables(reading)}


def spec(name: str, default: Any, kind: str = "", **more: Any) -> dict[str, Any]:
    found = of(option(name, default, kind, **more))[name].parameter.to_dict()
    found.pop("default", None)
    return found


@pytest.mark.parametrize(
    ("name", "default", "expected"),
    [
        ("lr", 1e-3, {"type": "float", "low": 1e-5, "high": 0.1, "log": True}),
        ("learningRate", 3e-4, {"type": "float", "low": 3e-6, "high": 0.03, "log": True}),
        ("actor_lr", 0.5, {"type": "float", "low": 0.005, "high": 1.0, "log": True}),
        ("lr", 5.0, {"type": "float", "low": 0.05, "high": 5.0, "log": True}),
        ("weight_decay", 0.0, {"type": "float", "low": 0.0, "high": 0.1}),
        ("wd", 1e-4, {"type": "float", "low": 1e-6, "high": 0.01, "log": True}),
        ("momentum", 0.9, {"type": "float", "low": 0.0, "high": 0.99}),
        ("adam_beta2", 0.999, {"type": "float", "low": 0.9, "high": 0.9999}),
        ("hidden_dropout_prob", 0.1, {"type": "float", "low": 0.0, "high": 0.5}),
        ("dropout", 0.7, {"type": "float", "low": 0.0, "high": 0.7}),
        ("batch_size", 64, {"type": "categorical", "choices": [16, 32, 64, 128, 256]}),
        ("train_batch_size", 100, {"type": "categorical", "choices": [25, 50, 100, 200, 400]}),
        ("batch_size", 1, {"type": "categorical", "choices": [1, 2, 4]}),
        ("n_layers", 2, {"type": "int", "low": 1, "high": 6}),
        ("num_heads", 8, {"type": "categorical", "choices": [2, 4, 8, 16, 32]}),
        ("hidden_dim", 128, {"type": "categorical", "choices": [32, 64, 128, 256, 512]}),
        ("label_smoothing", 0.0, {"type": "float", "low": 0.0, "high": 0.2}),
        ("clip_grad_norm", 1.0, {"type": "float", "low": 0.1, "high": 10.0, "log": True}),
        ("max_depth", 6, {"type": "int", "low": 2, "high": 12}),
        ("min_samples_leaf", 1, {"type": "int", "low": 1, "high": 20}),
        ("min_samples_split", 2, {"type": "int", "low": 2, "high": 20}),
        ("n_estimators", 100, {"type": "int", "low": 20, "high": 500, "log": True}),
        ("colsample_bytree", 1.0, {"type": "float", "low": 0.2, "high": 1.0}),
        ("feature_fraction", 0.9, {"type": "float", "low": 0.2, "high": 1.0}),
        ("warmup_iters", 2000, {"type": "int", "low": 500, "high": 8000, "log": True}),
        ("min_child_weight", 1, {"type": "int", "low": 1, "high": 20, "log": True}),
        ("n_embd", 768, {"type": "categorical", "choices": [192, 384, 768]}),
        ("C", 1.0, {"type": "float", "low": 0.01, "high": 100.0, "log": True}),
        ("lora_r", 8, {"type": "categorical", "choices": [2, 4, 8, 16, 32]}),
        ("lora_alpha", 16, {"type": "categorical", "choices": [4, 8, 16, 32, 64]}),
        ("temperature", 0.07, {"type": "float", "low": 0.007, "high": 0.7, "log": True}),
    ],
)  # fmt: skip
def test_a_known_name_has_its_range(name, default, expected):
    assert spec(name, default) == expected


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("seed", 0), ("num_workers", 4), ("data_dir", "x"), ("log_interval", 10), ("save_every", 5), ("gpu_id", 0),
        ("checkpoint_freq", 100), ("eval_batch_size", 64), ("per_device_eval_batch_size", 8), ("val_fraction", 0.2),
        ("test_size", 0.25), ("num_classes", 10), ("vocab_size", 32000), ("n_jobs", 4), ("random_state", 1),
        ("local_rank", -1), ("n_folds", 5), ("max_train_samples", 1000), ("wandb", False), ("no_cuda", False),
        ("fp16", True), ("save", False), ("port", 29500), ("verbose", 1), ("api_key", "s"), ("print_freq", 10),
    ],
)  # fmt: skip
def test_what_is_no_setting_of_the_training_is_never_tuned(name, default):
    assert of(option(name, default)) == {}


@pytest.mark.parametrize(
    "name", ["epochs", "max_epochs", "num_train_epochs", "steps", "max_steps", "num_iterations", "max_iter"]
)
def test_what_a_trial_costs_is_offered_but_not_chosen_and_says_why(name):
    found = of(option(name, 20))[name]
    assert not found.chosen
    assert "what a trial costs" in found.why


@pytest.mark.parametrize(
    ("found", "because"),
    [
        (option("label_smoothing", 0.1), "the loss itself changes"),
        (option("temperature", 0.5), "the loss itself changes"),
        (option("noise", 0.1), "the data that the score is measured on"),
        (option("seq_len", 96), "what its score means"),
        (option("loss", "mse", choices=("mse", "mae")), "says nothing beside another loss"),
        (option("patience", 5), "how long a trial runs"),
    ],
)
def test_what_changes_the_meaning_of_the_score_is_not_chosen_by_itself(found, because):
    tunable = of(found)[found.name]
    assert not tunable.chosen
    assert because in tunable.why


def test_where_a_range_is_from_is_told():
    assert of(option("lr", 1e-3))["lr"].why == (
        "default 0.001 at train.py:12; learning rates are searched over two decades on either side"
    )


def test_an_unknown_number_is_a_guess_around_its_default_and_not_chosen():
    found = of(option("zeta", 0.3), option("kappa", 12), option("mu", 0.0), option("nu", -2.0))
    assert all(not t.sure and not t.chosen for t in found.values())
    assert found["zeta"].parameter.to_dict() == {"type": "float", "low": 0.03, "high": 1.0, "log": True, "default": 0.3}
    assert found["kappa"].parameter.to_dict() == {"type": "int", "low": 3, "high": 48, "log": True, "default": 12}


def test_the_help_text_tells_what_a_name_does_not():
    found = of(option("a", 0.01, help="the learning rate of the head"))["a"]
    assert found.chosen and not found.sure
    assert (found.parameter.to_dict()["low"], found.parameter.to_dict()["log"]) == (1e-4, True)
    assert "by its help text" in found.why
    assert of(option("gamma", 0.99, help="discount factor"))["gamma"].parameter.to_dict()["low"] == 0.9
    assert of(option("gamma", 0.7))["gamma"].parameter.to_dict()["low"] == 0.5


def test_what_has_no_default_is_chosen_only_where_the_script_must_be_given_one():
    found = of(option("clip_grad", None, "float"), option("lr", None, "float", required=True))
    assert (found["clip_grad"].chosen, found["clip_grad"].sure) == (False, False)
    assert (found["lr"].chosen, found["lr"].sure) == (True, False)


def test_limits_of_the_script_hold():
    assert spec("lr", 0.02, low=0.0, high=0.05) == {"type": "float", "low": 2e-4, "high": 0.05, "log": True}
    assert spec("hidden", 64, low=48, high=128)["choices"] == [64, 128]
    assert spec("zeta", 5.0, low=4.0, high=6.0) == {"type": "float", "low": 4.0, "high": 6.0, "log": True}


def test_at_most_eight_are_chosen_the_most_important_first():
    names = [
        "dropout",
        "lr",
        "momentum",
        "beta2",
        "warmup_ratio",
        "label_smoothing",
        "wd",
        "width",
        "depth",
        "batch_size",
        "noise",
    ]
    found = of(*(option(n, 4 if n in ("width", "depth", "batch_size") else 0.1) for n in names))
    chosen = [n for n, t in found.items() if t.chosen]
    assert chosen[:3] == ["lr", "batch_size", "wd"]
    assert len(chosen) == 8
    assert "8 at once are many" in found["beta2"].why


def test_a_choice_is_the_scripts_own_and_a_flag_is_on_or_off():
    found = of(option("optimizer", "adam", choices=("sgd", "adam")), option("nesterov", False), option("foo", True))
    assert found["optimizer"].parameter.to_dict() == {
        "type": "categorical",
        "choices": ["sgd", "adam"],
        "default": "adam",
    }
    assert (found["optimizer"].chosen, found["nesterov"].chosen, found["foo"].sure) == (True, False, False)
    assert found["foo"].parameter.to_dict()["choices"] == [True, False]


def test_momentum_only_matters_with_sgd_and_betas_with_adam():
    found = of(option("opt", "sgd", choices=("sgd", "adam", "adamw")), option("momentum", 0.9), option("beta2", 0.99))
    assert found["momentum"].parameter.when.text == "opt == 'sgd'"
    assert found["beta2"].parameter.when.text == "opt in ['adam', 'adamw']"
    assert "only with opt sgd" in found["momentum"].why


def test_a_condition_on_what_is_not_chosen_is_settled_by_its_default():
    from dataclasses import replace

    found = of(
        option("opt", "sgd", choices=("sgd", "adam")), option("momentum", 0.9), option("beta2", 0.99), option("lr", 0.1)
    )
    without = [replace(t, chosen=False) if t.option.name == "opt" else t for t in found.values()]
    kept = {t.option.name: t.parameter.when for t in chosen_of(without)}
    assert kept == {"lr": None, "momentum": None}  # sgd is the script's own, so beta2 does nothing
    assert set(space_of(without).parameters) == {"lr", "momentum"}


def test_heads_divide_the_width():
    found = of(option("d_model", 64), option("n_heads", 4), option("d_ff", 256))
    assert constraints_of(found.values()) == ("d_model % n_heads == 0",)
    rng = random.Random(0)
    space = space_of(found.values())
    for _ in range(50):
        config = space.sample(rng)
        assert config["d_model"] % config["n_heads"] == 0


@pytest.mark.parametrize("script", MAIN)
def test_each_example_has_a_space_and_a_command_that_fills(script):
    reading = read_script(SCRIPTS / script)
    found = tunables(reading)
    space = space_of(found)
    assert 4 <= len(space) <= 8
    command = command_of(reading, [t.option for t in chosen_of(found)])
    default, drawn = space.default(), space.sample(random.Random(1))
    assert space.allows(default) and space.allows(drawn)
    for config in (default, drawn):
        assert "{" not in " ".join(build(command, config, list(space.parameters)))
    first = next(t for t in found if t.chosen)
    assert first.option.name.endswith(("lr", "learning_rate"))


_NAMES = ["lr", "weight_decay", "momentum", "batch_size", "hidden", "n_layers", "dropout", "warmup_steps", "max_depth", "zeta",
          "beta2", "gamma", "C", "epochs", "kernel_size", "n_heads", "seq_len", "tau", "eps", "subsample", "lora_alpha"]  # fmt: skip
_FLOATS = st.floats(allow_nan=True, allow_infinity=True)
_LIMIT = st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-1000, 1000))


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(_NAMES), default=st.one_of(_FLOATS, st.integers(-(10**20), 10**20), st.none()), low=_LIMIT, high=_LIMIT,
       is_int=st.booleans())  # fmt: skip
def test_the_default_is_always_inside_whatever_it_is(name, default, low, high, is_int):
    kind = "int" if isinstance(default, int) or (default is None and is_int) else "float"
    for tunable in of(option(name, default, kind, low=low, high=high)).values():
        if default is None:
            continue
        assert abs(default) <= 1e12
        assert tunable.parameter.problem(default) is None
        assert tunable.parameter.default == pytest.approx(default, rel=1e-9)
