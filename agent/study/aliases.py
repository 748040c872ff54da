"""Parameters by their common name: `lr`, `learning_rate` and `eta0` are one."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The common name, and the others it goes by. Names are compared in lower case, the last dotted part alone.
_ALIASES = {
    "lr": "learning_rate learning_rate_init base_lr max_lr peak_lr init_lr initial_lr lr0 eta eta0 step_size",
    "min_lr": "lr_min eta_min end_lr final_lr",
    "weight_decay": "wd decay l2 l2_reg l2_regularization l2_penalty",
    "batch_size": "bs batch batchsize train_batch_size per_device_train_batch_size mini_batch minibatch_size",
    "grad_accum": "accumulation accum gradient_accumulation gradient_accumulation_steps accumulate_grad_batches",
    "dropout": "drop dropout_rate dropout_p p_drop drop_rate dropout_prob hidden_dropout_prob",
    "epochs": "num_epochs n_epochs num_train_epochs max_epochs epoch",
    "steps": "max_steps num_steps n_steps train_steps iters max_iter iterations",
    "warmup": "warmup_steps num_warmup_steps warmup_ratio warmup_epochs warm_up warmup_frac",
    "activation": "activation_fn activation_function act act_fn nonlinearity",
    "schedule": "scheduler lr_schedule lr_scheduler lr_scheduler_type lradj lr_decay",
    "optimizer": "opt optim optimiser",
    "momentum": "beta1 beta_1 adam_beta1",
    "beta2": "beta_2 adam_beta2",
    "grad_clip": "clip clipping clip_norm clipnorm max_grad_norm gradient_clip gradient_clip_val gradient_clipping",
    "label_smoothing": "smoothing",
    "patience": "early_stopping early_stopping_rounds early_stopping_patience n_iter_no_change",
    "layers": "n_layers num_layers n_layer num_hidden_layers e_layers depth encoder_layers",
    "d_layers": "decoder_layers num_decoder_layers",
    "hidden": "units hidden_size hidden_dim hidden_units n_hidden width n_units hidden_layer_sizes rnn_units num_units",
    "d_model": "n_embd embed_dim embedding embedding_dim model_dim embedding_size",
    "d_ff": "ffn ff ffn_dim dim_feedforward intermediate_size feedforward",
    "heads": "n_heads num_heads n_head num_attention_heads",
    "seq_len": "seq_length sequence_length input_len context_length block_size window lookback max_seq_len",
    "label_len": "start_token_len",
    "pred_len": "horizon prediction_length out_len",
    "lora_r": "r rank lora_rank",
    "lora_dropout": "adapter_dropout",
    "target_modules": "lora_target_modules lora_targets",
    "n_estimators": "num_trees n_trees ntree num_boost_round nrounds num_iterations",
    "max_depth": "tree_depth",
    "num_leaves": "max_leaves max_leaf_nodes",
    "max_features": "mtry feature_fraction_bynode",
    "min_samples_leaf": "min_child_samples min_data_in_leaf nodesize",
    "subsample": "bagging_fraction sample_fraction",
    "colsample": "colsample_bytree feature_fraction",
    "reg_lambda": "lambda_l2 l2_leaf_reg lambda",
    "reg_alpha": "lambda_l1",
    "n_neighbors": "k_neighbors num_neighbors",
    "c": "svm_c cost",
}
_COMMON = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def common(name: str) -> str:
    """The common name of a parameter; its own, in lower case, where it has no other."""
    last = name.rsplit(".", 1)[-1].replace("-", "_")
    plain = _CAMEL.sub("_", last).lower()
    return _COMMON.get(plain, plain)


def known_as(name: str) -> tuple[str, ...]:
    """All names of the parameter, the common one first."""
    return (common(name), *_ALIASES.get(common(name), "").split())


def by_common_name(names: Iterable[str]) -> dict[str, str]:
    """The names as given, by their common one; of two that are one the first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(common(name), name)
    return found
