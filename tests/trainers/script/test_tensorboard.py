"""Scalars out of event files written by the real writers."""

from __future__ import annotations

import io
import math
import struct
import sys
import textwrap
from pathlib import Path

import pytest
from torch.utils.tensorboard import SummaryWriter

from trainers.script.declared import TensorboardMetric
from trainers.script.events import BrokenRecord, scalars
from trainers.script.recorder import Recorder
from trainers.script.tensorboard import EventFiles


class Kept:
    """Keeps reports."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, dict[str, float]]] = []

    def report(self, step: int, **metrics: float) -> None:
        self.reports.append((step, metrics))


def event_file(folder: Path) -> Path:
    [path] = folder.glob("**/events*")
    return path


def read(path: Path) -> list[tuple[str, int, float]]:
    with path.open("rb") as file:
        return [tuple(scalar) for scalar in scalars(file)]


@pytest.mark.parametrize("new_style, double", [(False, False), (True, False), (True, True)])
def test_both_forms_of_scalar_are_read(tmp_path, new_style, double):
    with SummaryWriter(str(tmp_path)) as writer:
        for step in (0, 1, 300):
            writer.add_scalar("val/loss", 0.5 + step, step, new_style=new_style, double_precision=double)
        writer.add_scalar("val/loss", math.inf, 2**40, new_style=new_style)
        writer.add_scalar("val/loss", math.nan, 7, new_style=new_style)
    found = read(event_file(tmp_path))
    assert found[:4] == [("val/loss", step, 0.5 + step) for step in (0, 1, 300)] + [("val/loss", 2**40, math.inf)]
    assert found[4][1] == 7 and math.isnan(found[4][2])


def test_everything_that_is_no_scalar_is_passed_over(tmp_path):
    import numpy as np

    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", 1.0, 1)
        writer.add_text("note", "ü" * 1000, 1)
        writer.add_histogram("weights", np.arange(100.0), 1)
        writer.add_image("image", np.random.default_rng(0).integers(0, 255, (3, 64, 64), dtype=np.uint8), 1)
        writer.add_hparams({"lr": 0.1}, {"hparam/acc": 0.5}, run_name=".")
        writer.add_scalar("loss", 2.0, 2)
    found = [scalar for path in tmp_path.glob("events*") for scalar in read(path)]
    assert sorted(f for f in found if f[0] == "loss") == [("loss", 1, 1.0), ("loss", 2, 2.0)]


def test_tensors_of_other_types_are_read_as_tensorflow_writes_them(tmp_path):
    """TF2's writer stores scalars as tensors; tensorboard's own protocol classes make them here."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    tensors = {
        "content_f": TensorProto(dtype=1, tensor_content=struct.pack("<f", 1.5)),
        "content_d": TensorProto(dtype=2, tensor_content=struct.pack("<d", 2.5)),
        "float_val": TensorProto(dtype=1, float_val=[3.5]),
        "double_val": TensorProto(dtype=2, double_val=[4.5]),
        "int_val": TensorProto(dtype=3, int_val=[-5]),
        "int64_val": TensorProto(dtype=9, int64_val=[-6]),
        "half_val": TensorProto(dtype=19, half_val=[0x3C00]),
        "vector": TensorProto(dtype=1, float_val=[1, 2]),
    }
    writer = EventFileWriter(str(tmp_path))
    for tag, tensor in tensors.items():
        writer.add_event(Event(step=-1, summary=Summary(value=[Summary.Value(tag=tag, tensor=tensor)])))
    writer.close()
    assert read(event_file(tmp_path)) == [
        ("content_f", -1, 1.5), ("content_d", -1, 2.5), ("float_val", -1, 3.5), ("double_val", -1, 4.5),
        ("int_val", -1, -5.0), ("int64_val", -1, -6.0), ("half_val", -1, 1.0),
    ]  # fmt: skip


def test_a_file_cut_anywhere_gives_its_whole_records_and_goes_on_from_there(tmp_path):
    with SummaryWriter(str(tmp_path)) as writer:
        for step in range(20):
            writer.add_scalar("loss", step, step)
    data = event_file(tmp_path).read_bytes()
    whole = list(scalars(io.BytesIO(data)))
    assert len(whole) == 20
    for cut in range(len(data)):
        file = io.BytesIO(data[:cut])
        first = list(scalars(file))
        rest = io.BytesIO(data)
        rest.seek(file.tell())
        assert first + list(scalars(rest)) == whole


def test_damaged_bytes_are_refused_not_guessed(tmp_path):
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", 1, 1)
    data = bytearray(event_file(tmp_path).read_bytes())
    data[3] ^= 0xFF
    for bad in (bytes(data), b"\xff" * 1000, b"epoch,val_loss\n1,2\n3,4\n"):
        with pytest.raises(BrokenRecord):
            list(scalars(io.BytesIO(bad)))


def test_a_folder_with_other_files_and_damaged_ones_is_followed(tmp_path):
    kept = Kept()
    files = EventFiles([TensorboardMetric("val_loss", "", "val/loss")], f"{tmp_path}/runs/**/events*", Recorder(kept))
    files.poll(last=True)
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "events.txt").write_text("no event file at all, whatever it is called")
    with SummaryWriter(str(tmp_path / "runs" / "a" / "b")) as writer:
        for step in range(3):
            writer.add_scalar("val/loss", step, step)
            writer.add_scalar("lr", step, step)
            writer.flush()
            files.poll(last=True)
            assert len(kept.reports) == step + 1
    assert kept.reports == [(step, {"val_loss": float(step)}) for step in range(3)]


def test_scalars_of_an_earlier_run_are_not_this_trials(tmp_path):
    kept, metric = Kept(), TensorboardMetric("val_loss", "", "loss")
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", 1, 1)
        writer.flush()
        files = EventFiles([metric], f"{tmp_path}/events*", Recorder(kept))
        writer.add_scalar("loss", 2, 2)
        writer.flush()
        files.poll(last=True)
    assert kept.reports == [(2, {"val_loss": 2.0})]


def test_a_script_with_torchs_writer_reports_and_a_wrong_tag_is_named(run_script):
    source = """
        import sys
        from torch.utils.tensorboard import SummaryWriter
        with SummaryWriter(sys.argv[1]) as writer:
            for step in range(3):
                writer.add_scalar("val/loss", 1 / (step + 1), step)
    """
    command = [sys.executable, "train.py", "{run_dir}/tb"]
    metrics = {"val_loss": {"tensorboard": "{run_dir}/tb/**/events*", "tag": "val/loss"}}
    outcome = run_script(textwrap.dedent(source), command=command, metrics=metrics)
    assert outcome.curve("val_loss") == [(0, 1.0), (1, 0.5), (2, pytest.approx(1 / 3))]
    metrics["val_loss"]["tag"] = "val_loss"
    failure = run_script(textwrap.dedent(source), command=command, metrics=metrics).failure
    assert "Did you mean 'val/loss'?" in failure.message
