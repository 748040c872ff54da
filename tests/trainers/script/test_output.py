"""What is found in a script's output, whatever it looks like."""

from __future__ import annotations

import math

import pytest

REGEX = {"val_loss": {"regex": r"val_loss[=: ]+([0-9.eE+-]+|nan|inf)"}}


def test_lines_are_passed_through_unchanged_on_their_own_stream(run_script, capfdbinary):
    source = (
        "import sys\n"
        "sys.stdout.buffer.write(b'a\\x00\\xff\\xfe\\r\\nval_loss=1\\rlast')\n"
        "sys.stderr.buffer.write(b'\\x1b[31merr\\xc3(')\n"
    )
    assert run_script(source).failure is None
    out, err = capfdbinary.readouterr()
    assert out == b"a\x00\xff\xfe\r\nval_loss=1\rlast"
    assert err == b"\x1b[31merr\xc3("


def test_json_lines_give_all_their_numbers_at_their_step(run_script):
    source = (
        "import json\n"
        "print('loading {')\n"
        "for e in (1, 2):\n"
        "    print(json.dumps({'epoch': e, 'val_loss': 1 / e, 'acc': e, 'note': 'text', 'ok': True, 'list': [1]}))\n"
    )
    assert run_script(source).reports == [(1, {"val_loss": 1.0, "acc": 1.0}), (2, {"val_loss": 0.5, "acc": 2.0})]


def test_a_step_counts_before_an_epoch_and_a_fractional_epoch_is_no_step(run_script):
    source = (
        'print(\'{"epoch": 1, "global_step": 50, "val_loss": 3}\')\n'
        "print(\"{'loss': '0.5', 'epoch': 0.25}\")\n"
        "print(\"{'loss': 0.25, 'epoch': 0.5}\")\n"
    )
    assert run_script(source).reports == [(50, {"val_loss": 3.0}), (0, {"loss": 0.5}), (1, {"loss": 0.25})]


def test_a_printed_dict_of_python_with_nan_and_inf_is_read(run_script):
    reports = run_script("print({'val_loss': float('nan'), 'b': float('-inf'), 'c': None, 'step': 4})").reports
    assert [(step, *map(str, metrics.values())) for step, metrics in reports] == [(4, "nan", "-inf")]


def test_json_that_is_broken_hostile_or_no_object_is_passed_over(run_script):
    source = (
        "print('{\"val_loss\": }')\n"
        "print('{' * 100000)\n"
        "print('{\"a\":' * 50000)\n"
        "print('{\"val_loss\": 1' + '0' * 5000 + '}')\n"
        "print('[1, 2]')\n"
        'print(\'{"val_loss": 1e999, "step": 1e999}\')\n'
        'print(\'{"val_loss": 2, "step": 99999999999999999999, "self": 1}\')\n'
    )
    outcome = run_script(source)
    assert outcome.failure is None
    values = [value for _, value in outcome.curve("val_loss")]
    assert values[-2:] == [math.inf, 2.0]
    assert all(abs(step) < 2**63 for step, _ in outcome.reports)


def test_the_objective_is_found_by_its_name_without_a_metrics_table(run_script):
    source = (
        "print('epoch 3/10 train_loss=0.9 val_loss=0.41 (best 0.40)')\n"
        "print('Epoch: 4 | val_loss: 0.39.')\n"
        "print('step 5, epoch 1 \"val_loss\": tensor(0.38, device=cpu)')\n"
        "print('\\x1b[32mval_loss\\x1b[0m: \\x1b[1m-1e-3\\x1b[0m')\n"
        "print('my_val_loss=7 val_loss_ema=8 val_loss=abc val_loss=1.2.3')\n"
    )
    assert run_script(source).curve("val_loss") == [(3, 0.41), (4, 0.39), (5, 0.38), (6, -0.001)]


def test_values_are_counted_where_a_guessed_step_does_not_lead_on(run_script):
    source = "for b in range(3):\n    print(f'epoch 1 val_loss={b}')\nprint('epoch 2 val_loss=9')\n"
    assert run_script(source).curve("val_loss") == [(1, 0.0), (2, 1.0), (3, 2.0), (4, 9.0)]


@pytest.mark.parametrize(
    "text, value", [("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf), ("1e999", math.inf)]
)
@pytest.mark.parametrize("metrics", [{}, {"val_loss": {"regex": r"val_loss=(\S+)"}}])
def test_values_that_are_not_finite_arrive_as_such(run_script, text, value, metrics):
    [(_, found)] = run_script(f"print('val_loss={text}')", metrics=metrics).curve("val_loss")
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_a_regex_finds_its_metric_on_both_streams(run_script):
    source = "import sys, time\nprint('val_loss=1')\ntime.sleep(.2)\nprint('val_loss: 2', file=sys.stderr)\n"
    assert run_script(source, metrics=REGEX).curve("val_loss") == [(0, 1.0), (1, 2.0)]


def test_a_regex_may_hold_its_step_or_have_one_of_its_own(run_script):
    metrics = {
        "a": {"regex": r"it (?P<step>\d+) a=(\S+)"},
        "b": {"regex": r"b=(?P<value>\S+) at (?P<step>\d+)"},
        "val_loss": {"regex": r"val_loss=(\S+)", "step_regex": r"Epoch (\d+)"},
    }
    source = (
        "print('Epoch 4/9')\nprint('it 10 a=1')\nprint('b=2 at 20')\nprint('val_loss=3')\nprint('Epoch 5 val_loss=2')\n"
    )
    outcome = run_script(source, metrics=metrics)
    assert outcome.reports == [(10, {"a": 1}), (20, {"b": 2}), (4, {"val_loss": 3}), (5, {"val_loss": 2})]


def test_a_progress_bar_that_redraws_its_line_is_read_at_every_redraw(run_script):
    source = "import sys\nfor i in range(4):\n    sys.stderr.write(f'\\r{i*25}%|##  | val_loss={i}.5')\n"
    assert run_script(source, metrics=REGEX).curve("val_loss") == [(0, 0.5), (1, 1.5), (2, 2.5), (3, 3.5)]


def test_a_declared_metric_comes_from_where_it_was_declared_and_others_from_json_lines(run_script):
    source = "print('{\"val_loss\": 1, \"acc\": 2}')\nprint('val_loss=3')\n"
    outcome = run_script(source, metrics=REGEX)
    assert outcome.reports == [(0, {"acc": 2.0}), (0, {"val_loss": 3.0})]


def test_a_regex_works_on_a_json_line_too(run_script):
    metrics = {"val_loss": {"regex": r'"eval": \{"loss": ([\d.]+)'}}
    assert run_script('print(\'{"eval": {"loss": 0.5}, "x": 1}\')', metrics=metrics).curve("val_loss") == [(0, 0.5)]


def test_an_endless_line_is_matched_at_its_beginning_and_breaks_nothing(run_script):
    source = "import sys\nsys.stdout.write('val_loss=1 ' + 'x' * 30_000_000)\nprint()\nprint('val_loss=2')\n"
    assert run_script(source, metrics=REGEX).curve("val_loss") == [(0, 1.0), (1, 2.0)]
    assert run_script(source).curve("val_loss") == [(0, 1.0), (1, 2.0)]


def test_binary_output_breaks_nothing(run_script):
    source = "import os, sys\nsys.stdout.buffer.write(os.urandom(3_000_000))\nprint('\\nval_loss=2')\n"
    assert run_script(source, metrics=REGEX).curve("val_loss")[-1][1] == 2.0


@pytest.mark.parametrize("metrics", [{}, REGEX])
def test_a_million_lines_lose_no_value(run_script, metrics):
    source = (
        "import sys\n"
        "for i in range(1000):\n"
        "    sys.stdout.write('just some words in a line of a log\\n' * 999 + f'val_loss={i}\\n')\n"
    )
    assert run_script(source, metrics=metrics).curve("val_loss") == [(i, float(i)) for i in range(1000)]


def test_ids_printed_as_keys_do_not_fill_the_store(run_script):
    outcome = run_script("print({'val_loss': 1})\nfor i in range(5000):\n    print({f'id{i}': i})\n")
    assert len({name for _, metrics in outcome.reports for name in metrics}) <= 500


def test_a_value_arrives_while_the_script_still_runs(run_script):
    """The script waits for a stop that is asked for only after the value was reported."""
    source = "import time\nprint('val_loss=1')\ntime.sleep(60)\n"
    outcome = run_script(source, stop_after=1.0)
    assert outcome.failure is None
    assert outcome.curve("val_loss") == [(0, 1.0)]
