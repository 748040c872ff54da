"""What kind of model a study tunes, read off its trainer, task, words and parameters.

A lesson on Adam's learning rate has nothing to say to AdaBoost, whose parameter has the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.study.aliases import common

NEURAL = "neural network"
# Families by the words that name them; a family brings along those in PARENTS.
_WORDS = {
    "transformer": r"transformers?|bert|gpt|attention|informer|vit|llama|qwen|encoder.decoder|t5",
    "rnn": r"rnns?|gru|lstm|recurrent",
    "cnn": r"cnns?|convnets?|resnet\w*|convolution\w*|wrn|wideresnet|unet|efficientnet\w*|vgg\w*",
    "forecasting": r"forecast\w*|informer|time.?series|ett\w*|horizon|autoformer",
    "fine-tuning": r"fine.?tun\w*|finetun\w*|sft|instruction.tun\w*",
    "lora": r"lora|qlora|peft|adapters?",
    "language model": r"language models?|llms?|gpt\w*|causal lm|perplexity|pretrain\w*|tokens?",
    "forest": r"forests?|extra.?trees|rf",
    "decision tree": r"decision.?tree",
    "adaboost": r"ada.?boost",
    "gradient boosting": r"gradient.boost\w*|xgb\w*|lightgbm|lgbm|catboost|gbm|gbdt|gbrt",
    "svm": r"svm|svc|svr|support.vector",
    "nearest neighbours": r"k.?nn|nearest.neighbou?rs?|kneighbors\w*",
    "mlp": r"mlp|perceptron|feed.?forward|dense",
    "linear": r"logistic|ridge|lasso|elastic.?net|linear (model|regression|classifier)",
    "images": r"images?|cifar\w*|mnist|imagenet|vision|pixels?",
    "text": r"text|sentences?|documents?|nlp|translation|sentiment|summar\w+",
    "tabular": r"tabular|breast_cancer|iris|wine|diabetes|sklearn|scikit.learn|csv",
    "reinforcement learning": r"reinforcement|ppo|dqn|sac|policy.gradient|gym\w*",
    "contrastive": r"contrastive|simclr|clip loss|siamese|triplet",
    "gan": r"gans?|generative.adversarial|discriminator",
    "diffusion": r"diffusion|ddpm|denois\w*",
}
_COMPILED = {name: re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])") for name, pattern in _WORDS.items()}
_PARENTS = {
    "forest": ("trees",),
    "decision tree": ("trees",),
    "adaboost": ("boosting",),
    "gradient boosting": ("boosting",),
    "transformer": (NEURAL,),
    "rnn": (NEURAL,),
    "cnn": (NEURAL,),
    "mlp": (NEURAL,),
    "lora": (NEURAL, "fine-tuning", "transformer"),
    "fine-tuning": (NEURAL,),
    "language model": (NEURAL, "transformer"),
    "reinforcement learning": (NEURAL,),
    "contrastive": (NEURAL,),
    "gan": (NEURAL,),
    "diffusion": (NEURAL,),
}
# Parameters, by their common name, that only one family has.
_PARAMETERS = {
    "lora_r": ("lora",),
    "lora_alpha": ("lora",),
    "heads": ("transformer",),
    "d_ff": ("transformer",),
    "label_len": ("forecasting",),
    "pred_len": ("forecasting",),
    "dropout": (NEURAL,),
    "epochs": (NEURAL,),
    "warmup": (NEURAL,),
    "weight_decay": (NEURAL,),
    "grad_clip": (NEURAL,),
    "n_neighbors": ("nearest neighbours",),
    "num_leaves": ("gradient boosting",),
    "colsample": ("gradient boosting",),
    "max_features": ("trees",),
    "min_samples_leaf": ("trees",),
    "min_samples_split": ("trees",),
}
_NEURAL_TOGETHER = {"lr", "batch_size", "layers", "hidden", "momentum", "optimizer", "steps"}  # two of them at least
FAMILIES = frozenset((NEURAL, "trees", "boosting", *_WORDS))


def families(words: str, parameters: Iterable[str]) -> frozenset[str]:
    """The families that `words` (trainer, task, description, command) and the names of `parameters` speak of."""
    text = words.lower().replace("_", " ").replace("-", " ") + " " + words.lower()
    found = {name for name, pattern in _COMPILED.items() if pattern.search(text)}
    names = {common(name) for name in parameters}
    for name in names:
        found.update(_PARAMETERS.get(name, ()))
    if {"c", "gamma"} <= names or {"c", "kernel"} <= names:
        found.add("svm")
    if {"n_estimators", "lr"} <= names and "adaboost" not in found:
        found.add("gradient boosting")
    if {"n_estimators", "max_features"} <= names and "lr" not in names:
        found.add("forest")
    if len(names & _NEURAL_TOGETHER) > 1 and "n_estimators" not in names:
        found.add(NEURAL)
    for name in tuple(found):
        found.update(_PARENTS.get(name, ()))
    return frozenset(found)
