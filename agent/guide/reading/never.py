"""Names of options that are no settings of the training."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Where things are, what is printed, on what it runs, what it is judged with: whole names, last words, first words.
_NEVER = _words("""
    amp arch_file backbone_file benchmark bf16 comet compile config corpus cpu cuda data dataset datasets ddp
    debug deterministic distributed dtype eval evaluate exist_ok exp experiment export folds force fp16 fraction
    gpu gpus group half help host id in_channels input input_dim input_size inputs jobs k_folds limit local_rank
    metric metrics mlflow mode n_classes n_folds n_jobs n_points n_samples n_splits no_cuda nodes note notes
    nproc num_classes num_labels num_samples out out_channels output output_dim output_size outputs overwrite
    pin_memory plot points port precision predict pretrained profile progress project quiet random_state
    rank_zero render resume revision rng samples save seed split stage subset target task tensorboard test
    threads timeout tokenizer track train use_cuda user verbose verbosity version video vocab vocab_size
    vocabulary wandb world_size
""")  # fmt: skip
_NEVER_LAST = _words("""
    accelerator address api_key backend batch_size_eval checkpoint checkpoints ckpt corpus cuda dataset device
    devices dir dtype entity every file filename folder freq frequency gpu gpus id interval jobs key log logger
    logging logs name names password path paths period port precision prefix project resume root save secret
    seed size_limit strategy suffix tag tags token tokenizer tokens uri url uuid verbose weights_file workers
""")  # fmt: skip
_NEVER_FIRST = _words("""
    capture checkpoint ckpt data dataset disable do enable eval evaluation log logging n_test n_val no num_test
    num_val output per_device_eval print report save test use_cuda use_gpu use_wandb val valid validation wandb
""")  # fmt: skip
_SIZES = re.compile(
    r"(\w+_)?(test|val|valid|train|holdout)_(size|split|fraction|ratio|share|samples)|(max|num|n)_(train_|eval_)?samples"
)


def is_never(name: str) -> bool:
    """Whether an option of this name (in lower case with underscores) is no setting of the training."""
    words = name.split("_")
    ends = {"_".join(words[-n:]) for n in (1, 2, 3)} & _NEVER_LAST
    starts = {"_".join(words[:n]) for n in (1, 2, 3)} & _NEVER_FIRST if len(words) > 1 else set()
    return name in _NEVER or bool(ends or starts) or _SIZES.fullmatch(name) is not None
