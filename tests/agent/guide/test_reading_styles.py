"""Styles and corners that the example scripts do not have: each a few lines, read without being run."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from agent.guide.command import command_of
from agent.guide.nouns import Option, Reading, Style
from agent.guide.reading.read import read_script
from agent.guide.reading.tunables import tunables


@pytest.fixture
def read(tmp_path: Path):
    def reading(text: str, name: str = "train.py", **files: str) -> Reading:
        for other, content in files.items():
            path = tmp_path / other.replace("__", "/").replace("_py", ".py").replace("_yaml", ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(content))
        (tmp_path / name).write_text(textwrap.dedent(text))
        return read_script(tmp_path / name)

    return reading


def options(reading: Reading) -> dict[str, Option]:
    return {o.name: o for o in reading.options}


def test_argparse_subcommands_take_the_one_that_trains(read):
    reading = read("""
        import argparse
        def add_train(p):
            p.add_argument("--lr", type=float, default=0.1)
        parser = argparse.ArgumentParser()
        parser.add_argument("--verbose", action="store_true")
        sub = parser.add_subparsers(dest="command")
        add_train(sub.add_parser("evaluate"))
        p_train = sub.add_parser("train")
        add_train(p_train)
        g = p_train.add_argument_group("more")
        g.add_argument("--wd", type=float, default=0.0)
        p_test = sub.add_parser("test")
        p_test.add_argument("--weights")
    """)
    found = options(reading)
    assert reading.command == ("python", "train.py", "train")
    assert set(found) == {"verbose", "lr", "wd"}
    assert command_of(reading, reading.options) == (
        "python", "train.py", "{verbose?--verbose}", "train", "--lr", "{lr}", "--wd", "{wd}",
    )  # fmt: skip


def test_argparse_types_that_are_functions(read):
    found = options(
        read("""
        import argparse
        def str2bool(v): return v.lower() in ("yes", "true")
        def positive_float(v): return float(v)
        p = argparse.ArgumentParser()
        p.add_argument("--a", type=str2bool, default=True)
        p.add_argument("--b", type=lambda x: x.lower() == "true", default=False)
        p.add_argument("--c", type=positive_float, default="0.5")
        p.add_argument("--d", type=lambda s: int(float(s)), default=1e3)
        p.add_argument("--e", type=bool, default=False)
        p.add_argument("--f", action="store_false", dest="shuffle")
        p.add_argument("--betas", type=float, nargs=2, default=[0.9, 0.999])
        p.add_argument("--h", default=2 ** 7, type=int, help="hidden " "units")
        p.add_argument("--version", action="version")
        p.add_argument("--secret", help=argparse.SUPPRESS)
    """)
    )
    assert [(found[n].kind, found[n].default) for n in "abcde"] == [
        ("bool", True), ("bool", False), ("float", 0.5), ("int", 1000), ("bool", False),
    ]  # fmt: skip
    assert (found["e"].words, found["e"].off) == (("--e=1",), "--e=")  # bool("false") is true
    assert (found["shuffle"].words, found["shuffle"].off, found["shuffle"].default) == (("",), "--f", True)
    assert (found["betas"].kind, found["h"].default, found["h"].help) == ("text", 128, "hidden units")
    assert not {"version", "secret"} & set(found)


def test_choices_out_of_a_dict_of_the_script(read):
    found = options(
        read("""
        import argparse
        MODELS = {"small": 1, "large": 2}
        p = argparse.ArgumentParser()
        p.add_argument("--model", choices=list(MODELS.keys()), default="small")
        p.add_argument("--size", choices=sorted(MODELS))
        p.add_argument("--layers", type=int, choices=range(1, 5), default=2)
    """)
    )
    assert found["model"].choices == ("small", "large")
    assert found["size"].choices == ("small", "large")
    assert found["layers"].choices == (1, 2, 3, 4)


def test_a_class_of_options_in_another_package(read):
    reading = read(
        "from options.train_options import TrainOptions\nopt = TrainOptions().parse()\n",
        options____init___py="",
        options__base_options_py="""
            import argparse
            class BaseOptions:
                def initialize(self, parser):
                    parser.add_argument('--ngf', type=int, default=64, help='filters')
                    return parser
                def parse(self):
                    return self.initialize(argparse.ArgumentParser()).parse_args()
        """,
        options__train_options_py="""
            from .base_options import BaseOptions
            class TrainOptions(BaseOptions):
                def initialize(self, parser):
                    parser = BaseOptions.initialize(self, parser)
                    parser.add_argument('--lr', type=float, default=0.0002)
                    return parser
        """,
        options__test_options_py="import argparse\np = argparse.ArgumentParser()\np.add_argument('--ntest')\n",
    )
    found = options(reading)
    assert {"ngf", "lr"} == set(found)
    assert found["ngf"].origin.path.name == "base_options.py"


@pytest.mark.parametrize(
    ("call", "lr", "flag"),
    [
        ("import tyro\ncfg = tyro.cli(Config)", ("--optim.lr", "{}"), (("--use-ema",), "--no-use-ema")),
        ("import draccus\ncfg = draccus.parse(Config)", ("--optim.lr", "{}"), (("--use_ema", "{}"), "")),
        (
            "import pyrallis\n@pyrallis.wrap()\ndef main(c: Config): ...",
            ("--optim.lr", "{}"),
            (("--use_ema", "{}"), ""),
        ),
        ("import jsonargparse\njsonargparse.CLI(Config)", ("--optim.lr", "{}"), (("--use_ema", "{}"), "")),
    ],
    ids=["tyro", "draccus", "pyrallis", "jsonargparse"],
)
def test_what_makes_flags_of_a_dataclass(read, call, lr, flag):
    found = options(
        read(f"""
from dataclasses import dataclass, field
@dataclass
class Optim:
    lr: float = 1e-3
    "peak learning rate"
@dataclass
class Base:
    use_ema: bool = False
@dataclass
class Config(Base):
    optim: Optim = field(default_factory=lambda: Optim(lr=2e-3))
    layers: "int | None" = 4
{call}
""")
    )
    assert (found["optim_lr"].words, found["optim_lr"].default) == (lr, 2e-3)
    assert found["optim_lr"].help == "peak learning rate"
    assert (found["use_ema"].words, found["use_ema"].off) == flag
    assert (found["layers"].kind, found["layers"].default) == ("int", 4)


def test_hf_argument_parser_with_the_librarys_own_arguments(read):
    found = options(
        read("""
        from dataclasses import dataclass, field
        from transformers import HfArgumentParser, TrainingArguments
        @dataclass
        class ModelArguments:
            dropout: float = field(default=0.1, metadata={"help": "rate"})
        parser = HfArgumentParser((ModelArguments, TrainingArguments))
    """)
    )
    assert (found["dropout"].words, found["dropout"].help) == (("--dropout", "{}"), "rate")
    assert (found["learning_rate"].words, found["learning_rate"].default) == (("--learning_rate", "{}"), 5e-5)


def test_lightning_cli(read):
    reading = read("""
        from lightning.pytorch.cli import LightningCLI
        class Net:
            def __init__(self, lr: float = 1e-3, hidden: int = 64): ...
        class Data:
            def __init__(self, batch_size: int = 32): ...
        LightningCLI(Net, Data)
    """)
    found = options(reading)
    assert reading.command == ("python", "train.py", "fit")
    assert found["model_lr"].words == ("--model.lr", "{}")
    assert found["data_batch_size"].words == ("--data.batch_size", "{}")


def test_fire_and_absl(read):
    found = options(read("import fire\ndef train(lr=1e-3, *, hidden: int = 8): ...\nfire.Fire(train)\n"))
    assert (found["lr"].words, found["lr"].default) == (("--lr={}",), 1e-3)
    assert found["hidden"].kind == "int"
    found = options(
        read("""
        from absl import app, flags
        flags.DEFINE_float("lr", 1e-3, "rate", lower_bound=0.0)
        flags.DEFINE_enum("opt", "sgd", ["sgd", "adam"], "which")
        flags.DEFINE_boolean("ema", True, "average")
        _H = flags.DEFINE_integer("hidden", 2 * 32, "units")
    """)
    )
    assert (found["lr"].words, found["lr"].low, found["lr"].help) == (("--lr={}",), 0.0, "rate")
    assert found["opt"].choices == ("sgd", "adam")
    assert (found["ema"].words, found["ema"].off) == (("--ema",), "--noema")
    assert found["hidden"].default == 64


def test_pydantic_settings_without_a_command_line_are_variables(read):
    found = options(
        read("""
        from pydantic_settings import BaseSettings
        class S(BaseSettings, env_prefix="TRAIN_"):
            lr: float = 1e-3
        s = S()
    """)
    )
    assert (found["lr"].variable, found["lr"].words) == ("TRAIN_LR", ())


def test_a_dataclass_that_nothing_sets_is_set_in_the_script(read):
    reading = read(
        "from dataclasses import dataclass\n@dataclass\nclass Config:\n    lr: float = 1e-3\ncfg = Config()\n"
    )
    assert options(reading)["lr"].origin.style is Style.CONSTANTS
    assert command_of(reading, reading.options) == ("python", "tunewright_launch.py", "--set", "lr", "train.py")


def test_a_typer_app_with_two_commands(read):
    reading = read("""
        import typer
        from typing import Literal
        app = typer.Typer()
        @app.callback()
        def common(quiet: bool = False): ...
        @app.command()
        def fit(lr: float = typer.Option(1e-3, "--learning-rate", "-l"), opt: Literal["sgd", "adam"] = "sgd"): ...
        @app.command("eval")
        def evaluate(path: str): ...
    """)
    found = options(reading)
    assert reading.command == ("python", "train.py", "fit")
    assert found["lr"].words == ("--learning-rate", "{}")
    assert found["opt"].choices == ("sgd", "adam")
    assert found["quiet"].early


def test_click_options_shared_by_a_decorator(read):
    found = options(
        read("""
        import click
        def common(f):
            f = click.option("--lr", default=0.1)(f)
            return click.option("--wd", type=float)(f)
        @click.command()
        @common
        @click.option("--depth", type=click.IntRange(1, 8), default=2)
        def main(**kw): ...
    """)
    )
    assert set(found) == {"lr", "wd", "depth"}


def test_hydra_with_a_package_header_and_a_file_that_is_missing(read):
    reading = read(
        """
        import hydra
        @hydra.main(config_path="conf", config_name="config")
        def main(cfg): ...
        """,
        conf__config_yaml="defaults:\n  - exp: a\n  - gone: b\nlr: 1e-3\nlist: [1, 2]\nx: ${lr}\nneeded: ???\n",
        conf__exp__a_yaml="# @package _global_\ntraining:\n  wd: 0.1\n",
    )
    found = options(reading)
    assert (found["lr"].default, found["lr"].kind) == (1e-3, "float")
    assert found["training_wd"].words == ("training.wd={}",)
    assert not {"x", "needed", "list"} & set(found)
    assert any("gone/b.yaml" in note for note in reading.notes)


def test_a_wrapper_that_fixes_its_options_says_so(read, tmp_path):
    (tmp_path / "go.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\n"
    )
    reading = read("#!/bin/sh\nLR=0.1\npython3 go.py --lr $LR\n", "run.sh")
    assert reading.command == ("sh", "run.sh")
    assert (options(reading)["lr"].words, options(reading)["lr"].variable) == ((), "")
    assert any("fixes lr" in note and "go.py" in note for note in reading.notes)


def test_a_wrapper_with_positions(read, tmp_path):
    (tmp_path / "go.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float, default=0.5)\n"
        "p.add_argument('--wd', type=float, default=0.1)\n"
    )
    reading = read("#!/bin/bash\nCUDA_VISIBLE_DEVICES=0 python go.py --lr $1 --wd ${2:-0.01}\n", "run.sh")
    assert reading.command == ("bash", "run.sh", "0.5", "0.01")
    assert command_of(reading, [options(reading)["wd"]]) == ("bash", "run.sh", "0.5", "{wd}")


def test_names_that_only_exist_when_the_script_runs_are_noted(read):
    reading = read("import argparse\np = argparse.ArgumentParser()\nfor n in make():\n    p.add_argument(f'--{n}')\n")
    assert reading.options == ()
    assert any("train.py:4" in note for note in reading.notes)


def test_what_a_script_asks_for_is_noted(read):
    reading = read("import argparse\np = argparse.ArgumentParser()\np.add_argument('--data', required=True)\n")
    assert any("--data" in note for note in reading.notes)


def test_choices_that_are_not_declared_are_found_where_they_are_used(read):
    reading = read("""
        import argparse
        ACTS = {"relu": make(), "gelu": make()}
        p = argparse.ArgumentParser()
        p.add_argument("--optimizer", default="adam")
        p.add_argument("--act", default="relu")
        p.add_argument("--name", default="run")
        args = p.parse_args()
        if args.optimizer.lower() == "sgd":
            pass
        elif args.optimizer in ("adam", "adamw"):
            pass
        act = ACTS[args.act]
        if args.name == "other":
            pass
    """)
    found = options(reading)
    assert found["optimizer"].choices == ("sgd", "adam", "adamw")
    assert found["optimizer"].choices_from == "train.py:9"
    assert found["act"].choices == ("relu", "gelu")
    assert found["name"].choices == ()  # its own default is not among them
    made = {t.option.name: t for t in tunables(reading)}
    assert (made["optimizer"].sure, made["optimizer"].chosen) == (False, False)
    assert "train.py:9" in made["optimizer"].why


def test_omegaconf_with_overrides_is_read_and_other_files_are_noted(read):
    text = 'from omegaconf import OmegaConf\ncfg = OmegaConf.merge(OmegaConf.load("c.yaml"), OmegaConf.from_cli())\n'
    reading = read(text, c_yaml="optim:\n  lr: 1e-3\n")
    assert options(reading)["optim_lr"].words == ("optim.lr={}",)
    reading = read('import yaml\nwith open("c.yaml") as f:\n    cfg = yaml.safe_load(f)\n', c_yaml="lr: 1\n")
    assert reading.options == ()
    assert any("train.py:3: it reads settings in a file" in note for note in reading.notes)
