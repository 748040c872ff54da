"""Why a trial failed, told from what programs really print when they die."""

from __future__ import annotations

import math
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from trainers.contract import Failure, FailureKind, Objective, TrialFailed
from trainers.errors import TunewrightError
from trainers.failures import from_exception, from_exit, metric_like_lines, objective_failure

GIB, MIB = 1 << 30, 1 << 20
FRAME = 'Traceback (most recent call last):\n  File "/home/me/train.py", line 41, in <module>\n    main()\n'
CUDA_NEW = (
    FRAME + "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of "
    "79.10 GiB of which 1.25 GiB is free. Process 4242 has 77.85 GiB memory in use. Of the allocated memory 76.10 GiB "
    "is allocated by PyTorch, and 1.02 GiB is reserved by PyTorch but unallocated.\n"
)
CUDA_OLD = (
    FRAME + "RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 10.76 GiB total capacity; 9.55 GiB "
    "already allocated; 17.44 MiB free; 9.61 GiB reserved in total by PyTorch)\n"
)
MPS = (
    FRAME + "RuntimeError: MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 512.00 MB, max "
    "allowed: 9.07 GB). Tried to allocate 256.00 MB on private pool.\n"
)
NEW_SIZES = {
    "asked_bytes": 2 * GIB,
    "free_bytes": 1.25 * GIB,
    "total_bytes": round(79.10 * GIB),
    "used_bytes": round(76.10 * GIB),
}
CUPY = (
    FRAME + "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 4,000,000,000 bytes (allocated so far: "
    "1,000,000 bytes).\n"
)
JAX = FRAME + "jaxlib.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 4294967296 bytes.\n"


@pytest.mark.parametrize(
    "text, details",
    [
        (CUDA_NEW, NEW_SIZES),
        (CUDA_NEW.replace("CUDA", "HIP"), NEW_SIZES),
        (CUDA_NEW.replace("CUDA", "XPU"), NEW_SIZES),
        (
            CUDA_OLD,
            {
                "asked_bytes": 20 * MIB,
                "free_bytes": round(17.44 * MIB),
                "total_bytes": round(10.76 * GIB),
                "used_bytes": round(9.55 * GIB),
            },
        ),
        (MPS, {"asked_bytes": 256 * MIB, "total_bytes": round(9.07 * GIB), "used_bytes": 8 * GIB}),
        (JAX, {"asked_bytes": 4 * GIB}),
        (CUPY, {"asked_bytes": 4_000_000_000, "used_bytes": 1_000_000}),
        (FRAME + "RuntimeError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported\n", {}),
        (FRAME + "torch.AcceleratorError: HIP error: out of memory\nSearch for `hipErrorOutOfMemory'\n", {}),
    ],
)
def test_device_memory_carries_what_was_asked_what_was_free_and_what_was_held(text, details):
    failure = from_exit(1, None, text)
    assert failure.kind == "cuda_out_of_memory"
    assert failure.details == details
    assert "out of memory" in failure.message.lower()


@pytest.mark.parametrize(
    "line",
    [
        "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "RuntimeError: CUDA error: HIPBLAS_STATUS_ALLOC_FAILED when calling `hipblasCreate(handle)`",
        "RuntimeError: cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        "RuntimeError: CUDA error: CUSPARSE_STATUS_ALLOC_FAILED when calling `cusparseCreate(handle)`",
        "RuntimeError: cusolver error: CUSOLVER_STATUS_ALLOC_FAILED, when calling `cusolverDnCreate(handle)`",
        "RuntimeError: Invalid buffer size: 33.92 GiB",
        "RuntimeError: Triton Error [CUDA]: out of memory",
        "torch.distributed.DistBackendError: NCCL error: unhandled cuda error\nLast error:\nCuda failure 2 'out of memory'",
        "tensorflow.errors.ResourceExhaustedError: OOM when allocating tensor with shape[64,512]",
    ],
)
def test_every_library_of_a_device_is_understood(line):
    assert from_exit(1, None, FRAME + line + "\n").kind == "cuda_out_of_memory"
    name, _, text = line.partition(": ")
    inside = type(name.rpartition(".")[2], (Exception,), {})(text)
    assert from_exception(inside).kind == "cuda_out_of_memory"  # raised in a trainer of ours


@pytest.mark.parametrize(
    "line",
    [
        "torch.AcceleratorError: CUDA error: no CUDA-capable device is detected",
        "torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered",
        "RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable",
        "RuntimeError: No CUDA GPUs are available",
        "RuntimeError: HIP error: no ROCm-capable device is detected",
    ],
)
def test_a_device_that_disappears_is_a_failure_that_may_pass(line):
    failure = from_exit(1, None, FRAME + line + "\n")
    assert (failure.kind, failure.transient) == ("device_lost", True)
    assert failure.message == line.partition(".")[2] if line.startswith("torch.") else line


NUMPY = "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array with shape (1000000000,)\n"
TORCH_CPU = (
    "RuntimeError: [enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried "
    "to allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)\n"
)


@pytest.mark.parametrize(
    "text, asked",
    [
        (FRAME + "MemoryError\n", None),
        (FRAME + NUMPY, round(7.45 * GIB)),
        (FRAME + TORCH_CPU, 4_000_000_000_000),
        (FRAME + "OSError: [Errno 12] Cannot allocate memory\n", None),
        (FRAME + "RuntimeError: DefaultCPUAllocator: not enough memory: you tried to allocate 800 bytes.\n", 800),
        (FRAME + "RuntimeError: unable to mmap 4096 bytes from file <w.pt>: Cannot allocate memory (12)\n", 4096),
        (FRAME + "pyarrow.lib.ArrowMemoryError: malloc of size 64 failed\n", 64),
        (FRAME + "RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED\n", None),
        ("\nlibgomp: Out of memory allocating 2048 bytes\n", 2048),
        ("OpenBLAS error: Memory allocation still failed after 10 retries, giving up.\n", None),
        ("slurmstepd: error: Detected 1 oom_kill event in StepId=4.0. Some tasks have been OOM Killed.\n", None),
        ("terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n", None),
    ],
)
def test_host_memory_is_told_from_device_memory(text, asked):
    failure = from_exit(None, 6, text) if "bad_alloc" in text else from_exit(1, None, text)
    assert failure.kind == "host_out_of_memory"
    assert failure.details.get("asked_bytes") == asked


# (exit code, kind, what was printed last); the line that a person needs is the one marked with >.
PRINTED = [
    (1, "import_error", ">/usr/bin/python: No module named lightning.app"),
    (1, "import_error", FRAME + ">ImportError: cannot import name 'x' from 'torch' (/a/b.py)"),
    (1, "import_error", FRAME + ">ImportError: libcudart.so.12: cannot open shared object file"),
    (2, "bad_argument", "usage: train.py [-h] --lr LR\n>train.py: error: the following arguments are required: --lr"),
    (2, "bad_argument", "usage: t.py [-h]\n>t.py: error: argument --opt: invalid choice: 'sgdd' (choose from 'sgd')"),
    (1, "bad_argument", "FATAL Flags parsing error:\n>Unknown command line flag 'lrr'.\nPass --helpshort to see help."),
    (2, "bad_argument", ">ERROR: Could not consume arg: --lrr\nUsage: train.py <flags>"),
    (1, "bad_argument", ">Could not override 'optm.lr'.\nTo append to your config use +optm.lr=0.1\nSee --help"),
    (1, "bad_argument", FRAME + ">TypeError: Net.__init__() got an unexpected keyword argument 'hiden'"),
    (1, "nonzero_exit", FRAME + '>TypeError: can only concatenate str (not "int") to str'),
    (2, "command_not_found", ">python: can't open file '/home/me/trian.py': [Errno 2] No such file or directory"),
    (127, "command_not_found", ">run.sh: line 3: pythn: command not found"),
    (127, "command_not_found", ">/usr/bin/env: 'pythn': No such file or directory"),
    (1, "nonzero_exit", '  File "train.py", line 3\n    def f(:\n          ^\n>SyntaxError: invalid syntax'),
    (1, "nonzero_exit", FRAME + ">KeyError: 'val'\n\nwandb: You can sync this run to the cloud\nwandb: at ./wandb"),
    (1, "nonzero_exit", FRAME + ">AssertionError"),
    (5, "nonzero_exit", ">Error: nvrtc failed"),
]


@pytest.mark.parametrize("code, kind, printed", PRINTED)
def test_what_a_program_prints_decides(code, kind, printed):
    failure = from_exit(code, None, re.sub(r"^>", "", printed, flags=re.MULTILINE) + "\n")
    [wanted] = [line[1:] for line in printed.split("\n") if line.startswith(">")]
    assert (failure.kind, failure.message, failure.exit_code) == (kind, wanted, code)


def test_a_message_that_begins_on_the_next_line_is_found_there():
    failure = from_exit(1, None, FRAME + "pkg.errors.ShapeMismatch: \nmat1 and mat2\n")
    assert failure.message == "ShapeMismatch: mat1 and mat2"


def test_no_output_at_all_is_said():
    assert from_exit(2, None, "").message == "it exited with code 2 and printed no error"


def test_the_last_of_chained_exceptions_counts():
    text = (
        FRAME
        + "MemoryError\n\nDuring handling of the above exception, another exception occurred:\n\n"
        + FRAME
        + "KeyError: 'x'\n"
    )
    failure = from_exit(1, None, text)
    assert (failure.kind, failure.message) == ("nonzero_exit", "KeyError: 'x'")
    assert failure.traceback == FRAME + "KeyError: 'x'"


def test_an_out_of_memory_that_was_survived_is_not_the_reason():
    text = "CUDA out of memory. Tried to allocate 2.00 GiB; halving the batch\n" + FRAME + "ValueError: no data\n"
    assert from_exit(1, None, text).message == "ValueError: no data"


def test_a_distributed_run_is_explained_by_the_rank_that_failed():
    ranks = "".join(f"[rank1]: {line}\n" for line in (FRAME + "RuntimeError: CUDA error: out of memory").split("\n"))
    wrapper = FRAME + "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n====\ntrain.py FAILED\n"
    failure = from_exit(1, None, ranks + wrapper)
    assert (failure.kind, failure.message) == ("cuda_out_of_memory", "RuntimeError: CUDA error: out of memory")


def test_an_exception_inside_an_indented_report_is_found():
    text = "\x1b[31m" + "".join(f"  {line}\n" for line in (FRAME + "ValueError: deep").split("\n"))
    assert from_exit(1, None, text).message == "ValueError: deep"


def test_a_signal_is_told_by_name_and_a_shells_code_for_one_too():
    assert "SIGSEGV" in from_exit(None, 11, "").message
    assert from_exit(137, None, "").signal == 9
    assert from_exit(137, None, "").kind == "signal"
    assert from_exit(None, 40, "").message == "it was ended by signal 40"


def test_a_long_tail_is_cut_at_a_line_and_a_long_message_too():
    failure = from_exit(1, None, "line\n" * 100_000 + FRAME + "ValueError: " + "x" * 100_000)
    assert len(failure.message) <= 500 and len(failure.stderr_tail) <= 8192 and len(failure.traceback) <= 8192
    assert from_exit(1, None, "abcd\n" * 10_000).stderr_tail.startswith("abcd\n")


@pytest.mark.parametrize(
    "code, text", [(1, "\x00\xff" * 1000), (1, "Traceback (most recent call last):"), (3, "\n\n\n"), (None, "")]
)
def test_odd_text_breaks_nothing(code, text):
    assert from_exit(code, None if code else 9, text).message


# -- exceptions of in-process trainers -------------------------------------------


def caught(action) -> Failure:
    try:
        action()
    except BaseException as error:
        return from_exception(error)
    raise AssertionError("nothing was raised")


def test_a_failure_that_a_trainer_knows_is_taken_as_it_is():
    failure = Failure(kind=FailureKind.NO_METRIC, message="m")
    assert from_exception(TrialFailed(failure)) is failure


def test_torchs_own_out_of_memory_is_device_memory_with_its_numbers():
    error = torch.OutOfMemoryError(CUDA_NEW.splitlines()[-1].partition(": ")[2])
    failure = from_exception(error)
    assert failure.kind == "cuda_out_of_memory"
    assert failure.details["asked_bytes"] == 2 * GIB and failure.details["free_bytes"] == 1.25 * GIB


def test_real_allocations_that_fail_are_host_memory():
    for action in (
        lambda: np.ones((1 << 20, 1 << 20, 1 << 10)),
        lambda: torch.empty(1 << 50, dtype=torch.uint8),
        lambda: bytearray(1 << 60),
    ):
        assert caught(action).kind == "host_out_of_memory"
    assert caught(lambda: np.ones((1 << 20, 1 << 20, 1 << 10))).details == {"asked_bytes": 8 << 50}


def test_an_import_that_fails_names_the_module():
    failure = caught(lambda: __import__("no_such_module_anywhere"))
    assert (failure.kind, failure.details) == ("import_error", {"module": "no_such_module_anywhere"})


def test_other_exceptions_carry_their_traceback_within_bounds():
    def deep(n: int) -> None:
        if n:
            deep(n - 1)
        raise ValueError("mat1 and mat2 shapes cannot be multiplied\nmore")

    failure = caught(lambda: deep(200))
    assert (failure.kind, failure.message) == ("exception", "ValueError: mat1 and mat2 shapes cannot be multiplied")
    assert failure.traceback.endswith("more\n") and "in deep" in failure.traceback
    assert len(failure.traceback) <= 8192
    assert caught(lambda: sys.exit(3)).message == "SystemExit: 3"


def test_our_own_errors_come_without_a_traceback():
    failure = from_exception(TunewrightError("no such task", where="task", remedy="Known: a."))
    assert (failure.message, failure.traceback) == ("task: no such task. Known: a.", "")


def test_torch_is_told_by_name_and_not_imported():
    code = "import sys, trainers.failures\nassert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the objective -----------------------------------------------------------------

LOSS = Objective("val_loss")


def test_a_finite_value_is_no_failure():
    assert objective_failure(LOSS, [(0, math.nan), (1, 2.0)], {"val_loss": 2}) is None


def test_an_objective_that_was_never_finite_is_told_with_its_first_step():
    failure = objective_failure(LOSS, [(5, math.nan), (6, math.inf)], {"val_loss": 2})
    assert failure.kind == "non_finite_objective"
    assert "val_loss" in failure.message and "nan at step 5" in failure.message
    assert (failure.details["step"], failure.details["reports"]) == (5, 2)


def test_a_metric_that_never_came_is_told_with_what_came():
    failure = objective_failure(LOSS, [], {"vall_loss": 10, "acc": 3})
    assert failure.kind == "no_metric"
    assert (
        failure.message == "'val_loss' was never reported; there is vall_loss (10), acc (3). Did you mean 'vall_loss'?"
    )
    assert failure.details["metrics_seen"] == {"vall_loss": 10, "acc": 3}


def test_nothing_reported_at_all_is_told_with_what_was_printed():
    failure = objective_failure(LOSS, [], {}, "loading data\nepoch 3: valid loss = 0.25\ndone\n")
    assert failure.message == "'val_loss' was never reported; it printed: epoch 3: valid loss = 0.25"


def test_lines_that_look_like_metrics_are_picked_out():
    text = "Downloading...\nloss: 0.5\r\nacc=97%\n/path/to:file\n[12:30:01] hello\nstep 5 | 'f1': nan\n"
    assert metric_like_lines(text) == ["loss: 0.5", "acc=97%", "step 5 | 'f1': nan"]


def test_a_failure_survives_its_way_through_json():
    for failure in (from_exit(1, None, CUDA_NEW), objective_failure(LOSS, [], {"a": 1}), from_exit(None, 9, "")):
        assert Failure.from_dict(failure.to_dict()) == failure
