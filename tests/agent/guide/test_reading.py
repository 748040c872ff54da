"""What is read out of the scripts beside: every option with its default, line, words and kind, without running them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.guide.nouns import Option, Reading, Style
from agent.guide.reading.read import read_script

SCRIPTS = Path(__file__).parent / "scripts"


def read(name: str) -> Reading:
    return read_script(SCRIPTS / name)


def by_name(reading: Reading) -> dict[str, Option]:
    return {option.name: option for option in reading.options}


def brief(option: Option) -> tuple[Any, ...]:
    """kind, default, words; then the word for false, where there is one."""
    return (option.kind, option.default, option.words, *([option.off] if option.off else []))


def line_of(name: str, text: str) -> int:
    lines = (SCRIPTS / name).read_text(encoding="utf-8").split("\n")
    return next(i for i, line in enumerate(lines, 1) if text in line)


def test_torch_argparse_in_full():
    reading = read("torch_argparse/train.py")
    assert reading.command == ("python", "train.py")
    assert reading.notes == ()
    assert {o.name: brief(o) for o in reading.options} == {
        "data_dir": ("text", "./data", ("--data-dir", "{}")),
        "seed": ("int", 1, ("--seed", "{}")),
        "no_cuda": ("bool", False, ("--no-cuda",)),
        "workers": ("int", 0, ("--workers", "{}")),
        "log_interval": ("int", 10, ("--log-interval", "{}")),
        "width": ("int", 16, ("--width", "{}")),
        "dropout": ("float", 0.25, ("--dropout", "{}")),
        "batch_size": ("int", 64, ("--batch-size", "{}")),
        "epochs": ("int", 8, ("--epochs", "{}")),
        "opt": ("text", "sgd", ("--opt", "{}")),
        "lr": ("float", 0.01, ("--lr", "{}")),  # 10 * BASE_LR
        "momentum": ("float", 0.9, ("--momentum", "{}")),
        "nesterov": ("bool", True, ("--nesterov",), "--no-nesterov"),
        "weight_decay": ("float", 5e-4, ("--wd", "{}")),
        "gamma": ("float", 0.9, ("--gamma", "{}")),
        "clip_grad": ("float", None, ("--clip-grad", "{}")),
    }
    options = by_name(reading)
    assert options["opt"].choices == ("sgd", "adam", "adamw")
    assert options["momentum"].help == "SGD momentum"
    assert all(o.origin.style is Style.ARGPARSE for o in reading.options)
    for name, text in (("lr", '"--lr"'), ("weight_decay", '"--wd"'), ("nesterov", '"--nesterov"')):
        assert options[name].origin.line == line_of("torch_argparse/train.py", text)


def test_a_parser_of_an_imported_module_with_a_parent_and_defaults_set_later():
    reading = read("lightning_like/train.py")
    options = by_name(reading)
    assert set(options) == {
        "max_epochs", "batch_size", "gradient_clip_val", "accumulate_grad_batches", "accelerator", "default_root_dir",
        "hidden_dim", "num_layers", "activation", "dropout_rate", "learning_rate", "weight_decay", "lr_scheduler",
    }  # fmt: skip
    assert brief(options["learning_rate"]) == ("float", 1e-3, ("--learning_rate", "{}"))
    where = options["learning_rate"].origin
    assert (where.path.name, where.line) == ("options.py", line_of("lightning_like/options.py", "set_defaults"))
    assert options["activation"].choices == ("relu", "gelu", "tanh")
    assert not [o for o in reading.options if o.origin.path.name == "trainer.py"]


def test_keywords_of_training_arguments_are_settings_in_the_script():
    reading = read("hf_like/finetune.py")
    options = by_name(reading)
    assert (options["learning_rate"].default, options["learning_rate"].words) == (2e-3, ())
    assert options["learning_rate"].origin.style is Style.CONSTANTS
    assert options["learning_rate"].origin.line == line_of("hf_like/finetune.py", "learning_rate=2e-3")
    assert options["num_train_epochs"].default == 3
    assert options["vocabulary"].default == 200


def test_environment_variables_with_their_casts():
    reading = read("keras_like/train.py")
    assert {o.name: (o.kind, o.default, o.variable) for o in reading.options} == {
        "epochs": ("int", 8, "EPOCHS"),
        "batch_size": ("int", 16, "BATCH_SIZE"),
        "learning_rate": ("float", 1e-3, "LEARNING_RATE"),
        "units": ("int", 32, "UNITS"),
        "dropout": ("float", 0.2, "DROPOUT"),
        "optimizer": ("text", "adam", "OPTIMIZER"),
        "data_dir": ("text", "/tmp/data", "DATA_DIR"),
    }
    assert all(o.words == () and o.origin.style is Style.ENVIRONMENT for o in reading.options)


def test_sklearn_argparse_in_full():
    reading = read("sklearn_cv/train_model.py")
    options = by_name(reading)
    assert brief(options["n_estimators"]) == ("int", 60, ("--n-estimators", "{}"))
    assert brief(options["max_features"]) == ("float", None, ("--max-features", "{}"))
    assert options["model"].choices == ("gbm", "forest")
    assert options["learning_rate"].help == "shrinkage of each tree (gbm)"
    assert len(options) == 12


def test_hydra_groups_become_words_with_dots_and_say_when_they_exist():
    reading = read("hydra_like/train.py")
    options = by_name(reading)
    assert brief(options["optim_lr"]) == ("float", 3e-3, ("optim.lr={}",))
    assert brief(options["training_batch_size"]) == ("int", 32, ("training.batch_size={}",))
    assert brief(options["optim"]) == ("text", "adamw", ("optim={}",))
    assert options["optim"].choices == ("adamw", "sgd")
    assert options["optim_lr"].only is None  # both files have it
    assert options["optim_momentum"].only == ("optim", ("sgd",))
    assert options["model_hidden"].only == ("model", ("mlp",))
    assert options["data_noise"].help == "standard deviation added to the features"
    where = options["optim_lr"].origin
    assert (where.path.name, where.line, where.style) == ("adamw.yaml", 2, Style.HYDRA)
    assert "output_dir" not in options  # interpolated: left alone


def test_constants_and_the_entries_of_a_config():
    reading = read("constants/train.py")
    assert {o.name: o.default for o in reading.options} == {
        "seed": 0, "learning_rate": 0.5, "momentum": 0.9, "l2": 1e-4, "hidden": 48, "batch_size": 64, "epochs": 150,
        "log_every": 10, "points": 600, "data_file": "spirals.npz", "decay": 0.98, "scale": 1.0,
        "distribution": "normal", "noise": 0.15,
    }  # fmt: skip
    assert all(o.words == () and o.origin.style is Style.CONSTANTS for o in reading.options)
    assert by_name(reading)["scale"].help == "config.init.scale in the script"
    assert by_name(reading)["noise"].origin.line == line_of("constants/train.py", '"noise"')


def test_a_shell_wrapper_is_read_through_to_the_script_behind_it():
    reading = read("shell/run.sh")
    options = by_name(reading)
    assert reading.command == ("bash", "run.sh", "300")
    lr = options["lr"]
    assert (lr.kind, lr.default, lr.words, lr.variable, lr.required) == ("float", 3e-3, (), "LR", False)
    assert (lr.origin.path.name, lr.origin.line, lr.origin.style) == ("run.sh", 8, Style.SHELL)
    assert (options["batch_size"].variable, options["hidden_size"].variable) == ("BATCH", "HIDDEN")
    assert (options["steps"].place, options["steps"].default) == (2, 300)
    assert brief(options["cell"]) == ("text", "gru", ("--cell", "{}"))  # "$@" lets it be given again
    assert brief(options["clip"]) == ("float", 1.0, ("--clip", "{}"))
    assert "main.py" in reading.notes[0]


def test_click_with_a_group_ranges_choices_and_flags():
    reading = read("click_cli/train.py")
    options = by_name(reading)
    assert reading.command == ("python", "train.py", "train")
    assert brief(options["lr"]) == ("float", 1e-3, ("--lr", "{}"))
    assert (options["latent_dim"].low, options["latent_dim"].high) == (2, 32)
    assert (options["noise_level"].low, options["noise_level"].high) == (0.0, 0.8)
    assert brief(options["batch_norm"]) == ("bool", False, ("--batch-norm",), "--no-batch-norm")
    assert brief(options["loss_name"]) == ("text", "mse", ("--loss", "{}"))
    assert options["loss_name"].choices == ("mse", "bce")
    assert brief(options["epochs"]) == ("int", 15, ("--epochs", "{}"))
    assert options["verbose"].early  # the group's own, before the subcommand
    assert any("evaluate" in note for note in reading.notes)


def test_typer_with_annotations_and_an_enum():
    reading = read("typer_cli/train.py")
    options = by_name(reading)
    assert reading.command == ("python", "train.py")
    assert brief(options["lr"]) == ("float", 2e-3, ("--lr", "{}"))
    assert options["lr"].help == "Peak learning rate"
    assert (options["d_model"].low, options["d_model"].high) == (8, 512)
    assert options["schedule"].choices == ("constant", "cosine", "one-cycle")
    assert options["schedule"].default == "cosine"
    assert brief(options["dropout"]) == ("float", 0.0, ("--dropout", "{}"))
    assert brief(options["pre_clip"]) == ("float", None, ("--pre-clip", "{}"))
    assert brief(options["progress"]) == ("bool", True, ("--progress",), "--no-progress")
    assert options["n_heads"].origin.line == line_of("typer_cli/train.py", "n_heads: int = 4")


def test_a_loop_over_the_fields_of_a_dataclass():
    reading = read("dataclass_loop/train.py")
    options = by_name(reading)
    assert brief(options["learning_rate"]) == ("float", 1e-2, ("--learning_rate", "{}"))
    assert options["gamma"].help == "the discount factor"
    assert brief(options["normalize"]) == ("bool", True, ("--normalize", "{}"))
    assert options["entropy_coef"].origin.style is Style.DATACLASS
    assert reading.notes == ()


def test_pydantic_settings_with_nested_models_and_limits():
    reading = read("pydantic_cli/train.py")
    options = by_name(reading)
    assert brief(options["optimizer_lr"]) == ("float", 0.02, ("--optimizer.lr", "{}"))
    assert (options["optimizer_lr"].low, options["optimizer_lr"].high) == (0, 1.0)
    assert brief(options["optimizer_weight_decay"]) == ("float", 1e-5, ("--optimizer.weight-decay", "{}"))
    assert options["optimizer_name"].choices == ("sgd", "adam")
    assert brief(options["use_bias"]) == ("bool", True, ("--use-bias", "{}"))
    assert (options["rank"].low, options["rank"].high, options["rank"].help) == (1, 64, "latent factors")


@pytest.mark.parametrize("folder", sorted(p.name for p in SCRIPTS.iterdir() if p.is_dir()))
def test_every_default_is_of_its_kind_and_every_origin_is_a_line_of_a_file(folder):
    for script in [*SCRIPTS.joinpath(folder).glob("*.py"), *SCRIPTS.joinpath(folder).glob("*.sh")]:
        for option in read_script(script).options:
            kinds = {"float": float, "int": int, "bool": bool, "text": str}
            assert option.default is None or isinstance(option.default, kinds[option.kind]), option
            lines = option.origin.path.read_text(encoding="utf-8").count("\n")
            assert 1 <= option.origin.line <= lines
