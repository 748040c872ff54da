"""Recall on a labelled set: for each study the lesson that an expert would want is among the first three."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.lessons import rows
from agent.lessons.conditions import conditions, key_of
from agent.lessons.families import families
from agent.lessons.lesson import Claim, ClaimKind, Conditions, LessonEvidence
from agent.lessons.library import open_lessons
from agent.lessons.likeness import overlap, space_likeness, task_likeness
from agent.lessons.recall import recall
from agent.lessons.search import fused, search
from agent.study.aliases import by_common_name, common
from tests.agent.lessons.kit import COUNT, LR, UNIT, built_in, lesson, scripted, space

WD = {"type": "float", "low": 1e-6, "high": 1.0, "log": True}
CHOICES = {"type": "categorical", "choices": ["adam", "sgd"]}

# What is tuned, and lessons of which one at least must be among the first three (by the end of their uid).
LABELLED = {
    "svm": (built_in("forest", "svm-wine"), {"svm-log-scale"}),
    "svm regression": (built_in("forest", "svm-diabetes"), {"svm-log-scale"}),
    "forest": (built_in("forest", "random_forest-digits"), {"forest-more-trees", "forest-max-features"}),
    "forest demo": (built_in("forest", "rf_simple-iris"), {"forest-more-trees"}),
    "tree": (built_in("forest", "decision_tree-breast_cancer"), {"single-tree-leaves"}),
    "adaboost": (built_in("forest", "adaboost-iris"), {"adaboost-what-matters"}),
    "sklearn mlp": (built_in("forest", "mlp-digits"), {"mlp-alpha"}),
    "gru": (built_in("bracket", "gru-clean"), {"lstm-what-matters", "dropout-in-rnns"}),
    "lstm script": (
        scripted("An LSTM on sensor sequences", space(lr=LR, hidden_size=COUNT, max_grad_norm=UNIT)),
        {"rnn-gradient-clipping", "lstm-what-matters"},
    ),
    "resnet": (
        scripted("ResNet-18 on CIFAR-10 with SGD", space(lr=LR, momentum=UNIT, weight_decay=WD), metric="val_acc"),
        {"sgd-momentum-rate", "sgd-weight-decay"},
    ),
    "adamw": (scripted("A transformer with AdamW", space(learning_rate=LR, wd=WD)), {"adamw-weight-decay"}),
    "warmup": (
        scripted("Machine translation with a transformer", space(lr=LR, warmup_steps=COUNT)),
        {"transformer-warmup"},
    ),
    "bert": (
        scripted("Fine-tune BERT on SST-2", space(learning_rate=LR, num_train_epochs=COUNT, batch_size=COUNT)),
        {"bert-fine-tuning", "small-data-fine-tuning"},
    ),
    "lora": (
        scripted("LoRA on a 7B model", space(learning_rate=LR, lora_r=COUNT, lora_alpha=COUNT, lora_dropout=UNIT)),
        {"lora-learning-rate", "lora-rank", "lora-alpha"},
    ),
    "lora rank": (scripted("Adapters (peft)", space(r=COUNT, target_modules=CHOICES)), {"lora-rank", "lora-targets"}),
    "informer": (
        scripted("Informer on ETTh1", space(seq_len=COUNT, label_len=COUNT, n_heads=COUNT, factor=COUNT), metric="mse"),
        {"informer-input-length", "informer-label-length"},
    ),
    "pretraining": (
        scripted("Pretrain a small GPT language model", space(lr=LR, grad_clip=UNIT, beta2=UNIT), metric="perplexity"),
        {"language-model-rate-by-size", "transformer-gradient-clipping", "transformer-beta2"},
    ),
    "xgboost": (
        scripted(
            "XGBoost on a churn table",
            space(eta=LR, n_estimators=COUNT, max_depth=COUNT, subsample=UNIT, colsample_bytree=UNIT),
            metric="auc",
        ),
        {"boosting-shrinkage", "boosting-subsample"},
    ),
    "lightgbm": (
        scripted("LightGBM ranking", space(num_leaves=COUNT, min_child_samples=COUNT, learning_rate=LR)),
        {"lightgbm-leaves"},
    ),
    "logistic": (scripted("Logistic regression on tf-idf text", space(C=WD)), {"logistic-c"}),
    "lasso": (scripted("Lasso on gene expression", space(alpha=WD)), {"lasso-alpha"}),
    "gan": (scripted("A GAN on faces", space(lr=LR, beta1=UNIT)), {"gan-adam"}),
    "ppo": (scripted("PPO on HalfCheetah", space(learning_rate=LR, clip_range=UNIT, gamma=UNIT)), {"ppo-start"}),
    "simclr": (
        scripted("SimCLR contrastive pretraining", space(temperature=UNIT, batch_size=COUNT)),
        {"contrastive-temperature"},
    ),
    "batches": (
        scripted("A convnet with SGD, how large a batch", space(lr=LR, batch_size=COUNT)),
        {"batch-rate-linear", "small-batches", "batch-size-is-speed"},
    ),
    "smoothing": (
        scripted("An image classifier, 1,000 classes", space(epochs=COUNT, label_smoothing=UNIT)),
        {"label-smoothing"},
    ),
    "schedule": (
        scripted("ViT on ImageNet", space(lr=LR, epochs=COUNT, scheduler=CHOICES)),
        {"decay-to-the-end", "learning-rate-first"},
    ),
    "dropout": (
        scripted("A dense network that overfits", space(dropout=UNIT, units=COUNT)),
        {"dropout-if-overfitting"},
    ),
    "precision": (scripted("A CNN in fp16 whose loss is nan", space(lr=LR, precision=CHOICES)), {"half-precision-nan"}),
}


@pytest.mark.parametrize("name", LABELLED)
def test_the_expected_lesson_is_among_the_first_three(name):
    study, wanted = LABELLED[name]
    found = [one.uid.removeprefix("shipped:") for one in recall(study, limit=8)]
    assert wanted & set(found[:3]), found


# -- lessons of other studies ------------------------------------------------------------


def taught(text: str, study, parameter: str, **more):
    return lesson(
        text,
        subjects=(parameter,),
        conditions=conditions(study),
        claim=Claim(kind=ClaimKind.RANGE, parameter=parameter, low=1e-4, high=1e-3),
        evidence=(LessonEvidence(study=study.name, trials=(1,), key=study.name),),
        confidence=0.9,
        **more,
    )


def kept(*lessons) -> list[int]:
    with open_lessons() as store, store.transaction():
        return [rows.put(store, one) for one in lessons]


def first(study, limit=3) -> list[int]:
    return [one.id for one in recall(study, limit)]


def test_a_study_of_the_same_task_comes_before_what_is_generally_known():
    wine, iris = built_in("forest", "svm-wine"), built_in("forest", "svm-iris")
    of_wine, of_iris = kept(taught("C: small.", wine, "C"), taught("C: large.", iris, "C"))
    assert first(wine)[0] == of_wine
    assert first(iris)[0] == of_iris
    assert of_iris in first(wine, 8)
    assert not {of_wine, of_iris} & set(first(built_in("bracket", "gru-clean"), 20))


def test_an_alias_in_another_script_is_the_same_parameter():
    mine = scripted("A GRU on brackets", space(learning_rate=LR, bs=COUNT))
    theirs = scripted("A GRU on DNA", space(lr=LR, batch_size=COUNT), command="dna.py")
    [number] = kept(taught("lr: the best values lie around 3e-4.", theirs, "lr"))
    assert first(mine)[0] == number
    assert number not in first(scripted("XGBoost", space(eta=LR, n_estimators=COUNT)), 50)


def test_a_lesson_that_studies_contradict_sinks_and_is_shown_no_more():
    study = built_in("forest", "svm-wine")
    one = taught("C: small.", study, "C")
    [number] = kept(one)
    assert first(study)[0] == number
    kept(replace(one, contradicted=2))
    assert first(study, 8)[0] != number
    kept(replace(one, contradicted=9))
    assert number not in first(study, 50)


def test_lessons_on_one_parameter_do_not_crowd_out_the_others():
    study = built_in("forest", "svm-wine")
    numbers = kept(*(taught(f"C: point {n}.", study, "C") for n in range(12)))
    found = first(study, 6)
    assert len(set(found) - set(numbers)) >= 2


def test_what_held_for_a_task_alone_is_not_told_of_another():
    study = built_in("forest", "svm-wine")
    one = lesson(
        "Nothing tried was better than the defaults.",
        conditions=conditions(study),
        claim=Claim(kind=ClaimKind.DEFAULTS),
        evidence=(LessonEvidence(study="x"),),
    )
    [number] = kept(one)
    assert number in first(study, 8)
    assert number not in first(built_in("forest", "mlp-digits"), 50)


def test_the_same_file_and_study_give_the_same():
    study = LABELLED["bert"][0]
    assert recall(study) == recall(study)
    assert [one.id for one in recall(study, 3)] == [one.id for one in recall(study, 8)][:3]
    assert len(recall(study, 2)) == 2


def test_a_file_of_thousands_is_still_searched_whole():
    study = built_in("forest", "svm-wine")
    numbers = kept(*(lesson(f"Remark {n} on nothing.", subjects=("C",)) for n in range(3_000)))
    [right] = kept(taught("C: small.", study, "C"))
    assert first(study)[0] == right
    assert len(numbers) == 3_000


# -- search ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("loss becomes nan", "divergence-lower-rate"),
        ("number of trees", "forest-more-trees"),
        ("learning rate of LoRA", "lora-learning-rate"),
        ("wd", "adamw-weight-decay"),
        ("overfitting dropout", "dropout-if-overfitting"),
        ("gradient explodes recurrent", "rnn-gradient-clipping"),
        ("Prechelt", "patience"),
        ("label_len", "informer-label-length"),
    ],
)
def test_words_find_lessons(words, wanted):
    with open_lessons() as store:
        found = [one.uid.removeprefix("shipped:") for one in search(store, words)]
    assert wanted in found[:5], found


@pytest.mark.parametrize(
    "words", ["", "   ", '"', "a AND OR NOT (", "lr:*", "^lr", "NEAR(a b)", "'; DROP TABLE lesson"]
)
def test_no_question_is_an_expression(words):
    with open_lessons() as store:
        search(store, words)
        assert rows.all_of(store)


def test_writing_without_spaces_is_found_by_what_stands_in_it():
    [number] = kept(lesson("学习率太高时损失会发散，先除以十。"))
    with open_lessons() as store:
        assert [one.id for one in search(store, "损失会发散")] == [number]


# -- the parts ---------------------------------------------------------------------------


def test_names_are_found_under_their_common_one():
    assert common("learning_rate_init") == common("optimizer.lr") == common("LearningRate") == common("eta0") == "lr"
    assert common("per_device_train_batch_size") == common("bs") == "batch_size"
    assert common("C") == "c"
    assert common("something_else") == "something_else"
    assert by_common_name(["wd", "weight_decay", "n_layers"]) == {"weight_decay": "wd", "layers": "n_layers"}


@pytest.mark.parametrize(
    ("words", "parameters", "wanted", "unwanted"),
    [
        ("svm-wine", ["C", "gamma"], "svm", "forest"),
        ("adaboost-iris", ["learning_rate", "n_estimators"], "adaboost", "neural network"),
        ("", ["learning_rate", "n_estimators"], "gradient boosting", "neural network"),
        ("", ["lr", "batch_size"], "neural network", "boosting"),
        ("Fine-tuning with QLoRA", [], "transformer", "svm"),
        ("an ideal model", [], "", "rnn"),
        ("etth1", ["seq_len", "pred_len"], "forecasting", "svm"),
    ],
)
def test_families_are_read_off_words_and_parameters(words, parameters, wanted, unwanted):
    found = families(words, parameters)
    assert (wanted in found) == bool(wanted)
    assert unwanted not in found


def test_ranges_overlap_on_their_scale():
    assert overlap((1e-4, 1e-2), (1e-3, 1e-1), log=True) == pytest.approx(1 / 3)
    assert overlap((0.0, 1.0), (0.0, 1.0), log=False) == 1
    assert overlap((0.0, 1.0), (2.0, 3.0), log=False) == 0
    assert overlap((3.0, 3.0), (3.0, 3.0), log=False) == 1


def test_spaces_and_tasks_are_compared():
    a = space(lr=LR, batch_size=COUNT, opt=CHOICES).to_dict()["parameters"]
    b = space(learning_rate=LR, bs=COUNT, optimizer=CHOICES).to_dict()["parameters"]
    assert space_likeness(a, b) == pytest.approx(1)
    assert space_likeness(a, {}) == 0
    assert 0 < space_likeness(a, {"lr": {"type": "of a later version"}}) < 0.5
    same = Conditions(trainer="forest", task="svm-wine")
    assert task_likeness(same, same) == 1
    assert 0 < task_likeness(same, replace(same, task="svm-iris")) < 0.5
    assert task_likeness(same, Conditions()) == 0


def test_what_is_high_in_every_ranking_comes_first():
    scores = fused([[1, 2, 3], [2, 1, 4]])
    assert scores[1] == scores[2] > scores[3] == scores[4]
    assert fused([[7]]) == {7: 1.0}


def test_nothing_heavy_is_imported_to_recall():
    code = (
        "import sys\nfrom tests.agent.lessons.kit import built_in\nfrom agent.lessons.recall import recall\n"
        "assert recall(built_in('forest', 'svm-wine'))\n"
        "print(*(m for m in ('torch', 'transformers', 'litellm', 'sklearn', 'optuna') if m in sys.modules))"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, env=os.environ)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_a_study_is_not_told_what_it_taught_itself():
    study = built_in("forest", "svm-wine")
    own, others = taught("C: small.", study, "C"), taught("gamma: large.", built_in("forest", "svm-iris"), "gamma")
    own = replace(own, evidence=(LessonEvidence(study=study.name, key=key_of(study)),))
    mine, theirs = kept(own, others)
    assert theirs in first(study, 20) and mine not in first(study, 20)
    both = replace(own, evidence=(*own.evidence, LessonEvidence(study="another", key="k")))
    assert kept(both) == [mine] and first(study, 20)[0] == mine
