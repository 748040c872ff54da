"""Other scripts, losses, schedules and ranges than in sets one to six; ranges as people give them, in which every
value makes sense. Recorded after the rules were made robust, before they were tried on it."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.make_cases import Spec
from tests.agent.diagnosis.second_cases import NUMBER, broken, floats, ints, maker
from trainers.contract import Objective


def lines(*names: str, step: str) -> dict[str, Any]:
    return {n: {"regex": rf"\b{n}[=: ]+{NUMBER}", "step_regex": step} for n in names}


def configured(script: str, defaults: dict[str, Any], space: dict[str, Any], objective: Objective) -> Any:
    """Makes cases of a script that reads its whole config from a file and prints JSON lines."""

    def case(name: str, fault: str, *flags: str, **more: Any) -> Spec:
        config = defaults | {key: more.pop(key) for key in list(more) if key in defaults}
        known = {key: space[key] for key in config}
        return Spec(
            name=name, fault=fault, params=config, space={"parameters": known}, command=("python", script, *flags),
            objective=more.pop("objective", objective), options=more.pop("options", {}),
            **more,
        )  # fmt: skip

    return case


RATE = floats(1e-4, 1e-1, log=True)
SEEDS = ints(0, 20)
vae = configured(
    "vae.py",
    {"lr": 2e-3, "latent_dim": 8, "hidden": 96, "epochs": 14, "beta": 1.0, "seed": 5},
    {"lr": floats(1e-4, 1.0, log=True), "latent_dim": ints(2, 32), "hidden": ints(32, 256), "epochs": ints(5, 40), "beta": floats(0.1, 4.0), "seed": SEEDS},
    Objective("val_elbo", "maximize"),
)  # fmt: skip
modular = configured(
    "modular.py",
    {"lr": 5e-3, "weight_decay": 0.5, "width": 32, "max_steps": 1500, "seed": 1},
    {"lr": RATE, "weight_decay": floats(0.0, 2.0), "width": ints(8, 128, log=True), "max_steps": ints(300, 4000), "seed": SEEDS},
    Objective("test/accuracy", "maximize"),
)  # fmt: skip
ranker = configured(
    "ranker.py",
    {"eta": 0.03, "reg": 1e-3, "n_steps": 2000, "noise": 1.5, "seed": 2},
    {"eta": floats(1e-4, 1.0, log=True), "reg": floats(1e-5, 1e-1, log=True), "n_steps": ints(500, 5000), "noise": floats(0.5, 3.0), "seed": SEEDS},
    Objective("val_ndcg@12", "maximize"),
)  # fmt: skip
mixture = configured(
    "mixture.py", {"n_components": 5, "reg_covar": 1e-4, "max_iter": 30, "seed": 4},
    {"n_components": ints(2, 12), "reg_covar": floats(1e-6, 1e-1, log=True), "max_iter": ints(10, 100), "seed": SEEDS},
    Objective("test_loglik", "maximize", "last"),
)  # fmt: skip
DENOISED = {n: {"regex": rf"^\d+ {n}: {NUMBER}", "step_regex": r"^(\d+)"} for n in ("mse", "heldout_mse")}
denoiser = configured(
    "denoise.py", {"learning_rate": 2e-3, "hidden_units": 64, "iterations": 1000, "seed": 0},
    {"learning_rate": RATE, "hidden_units": ints(16, 256, log=True), "iterations": ints(200, 4000), "seed": SEEDS},
    Objective("heldout_mse"),
)  # fmt: skip


def denoise(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    return denoiser(name, fault, *flags, options={"metrics": more.pop("metrics", DENOISED)}, **more)  # type: ignore[no-any-return]


def words(script: str, defaults: dict[str, Any], space: dict[str, Any], objective: Objective, metrics: Any) -> Any:
    """As `maker`, with dashes in the options."""
    made = maker(script, defaults, space, objective, metrics)

    def case(name: str, fault: str, *flags: str, **more: Any) -> Spec:
        spec: Spec = made(name, fault, flags=flags, **more)
        object.__setattr__(spec, "command", tuple(_dashed(word) for word in spec.command))
        return spec

    return case


def _dashed(word: str) -> str:
    return word.replace("_", "-") if word.startswith("--") else word


reinforce = words(
    "reinforce.py", {"step_size": 0.02, "discount": 0.97, "episodes": 800, "seed": 0},
    {"step_size": floats(1e-3, 0.5, log=True), "discount": floats(0.9, 0.999), "episodes": ints(200, 4000), "seed": SEEDS},
    Objective("return", "maximize", "last"),
    lines("return", "policy_loss", "value_loss", "entropy", step=r"episode (\d+)"),
)  # fmt: skip
segment = words(
    "segment.py", {"lr": 3e-3, "width": 8, "epochs": 12, "seed": 3},
    {"lr": floats(1e-4, 1.0, log=True), "width": ints(2, 32, log=True), "epochs": ints(5, 60), "seed": SEEDS},
    Objective("val_dice", "maximize"),
    lines("loss", "val_loss", "val_dice", "val_iou", step=r"^ *(\d+)/"),
)  # fmt: skip
poisson = words(
    "poisson.py", {"lr": 1.0, "l2": 0.001, "iters": 40}, {"lr": floats(1e-3, 1.0, log=True), "l2": floats(0.0, 0.1), "iters": ints(10, 300)},
    Objective("valid_nll"), lines("train_nll", "valid_nll", step=r"iter=(\d+)"),
)  # fmt: skip
markov = words(
    "markov_lm.py", {"peak_lr": 1e-2, "hidden_size": 48, "total_steps": 240, "drop_rate": 0.0, "seed": 13},
    {"peak_lr": floats(1e-4, 3e-2, log=True), "hidden_size": ints(16, 128, log=True), "total_steps": ints(100, 2000), "drop_rate": floats(0.0, 0.5), "seed": SEEDS},
    Objective("val_ppl"), lines("train_loss", "val_loss", "val_ppl", step=r"step=(\d+)"),
)  # fmt: skip
patience = words(
    "patience.py", {"lr": 3e-3, "units": 32, "dropout": 0.1, "weight_decay": 1e-3, "seed": 0},
    {"lr": RATE, "units": ints(8, 128, log=True), "dropout": floats(0.0, 0.95), "weight_decay": floats(1e-6, 0.1, log=True), "seed": SEEDS},
    Objective("val_rmse"), lines("train_rmse", "val_rmse", "val_r2", step=r"epoch=(\d+)"),
)  # fmt: skip


def perceptron(name: str, fault: str, **more: Any) -> Spec:
    params = {"rate": 0.5, "passes": 20, "noise": 2.0, "seed": 6} | {
        k: more.pop(k) for k in list(more) if k in ("rate", "passes", "noise", "seed")
    }
    metrics = {
        n: {"regex": rf"{n.replace('_', ' ')}: {NUMBER}", "step_regex": r"pass (\d+)"}
        for n in ("train_mistakes", "dev_mistakes")
    }
    space = {"rate": floats(1e-3, 1.0, log=True), "passes": ints(5, 100), "noise": floats(0.0, 5.0), "seed": SEEDS}
    return Spec(
        name=name, fault=fault, params=params, space={"parameters": space}, objective=Objective("dev_mistakes"),
        command=("python", "perceptron.py", "{rate}", "{passes}", "{noise}", "{seed}", *more.pop("flags", ())),
        options={"metrics": metrics}, **more,
    )  # fmt: skip


def sk(name: str, fault: str, model: str, data: str, params: dict[str, Any], *flags: str, **more: Any) -> Spec:
    regression = data in ("friedman", "diabetes", "sparse")
    objective = Objective("test_r2" if regression else "test_accuracy", "maximize")
    space = {"parameters": {key: SK_SPACE[key] for key in params}}
    return Spec(
        name=name, fault=fault, params=params, space=space, objective=more.pop("objective", objective),
        command=("python", "sk_tour.py", model, data, *flags), **more,
    )  # fmt: skip


SK_SPACE: dict[str, Any] = {
    "n_estimators": ints(50, 300), "max_depth": ints(1, 20), "min_samples_leaf": ints(1, 20), "C": floats(1e-4, 1e3, log=True),
    "gamma": floats(1e-4, 10.0, log=True), "n_neighbors": ints(1, 40), "alpha": floats(1e-4, 1e2, log=True),
    "learning_rate": floats(1e-3, 1.0, log=True), "learning_rate_init": floats(1e-4, 1.0, log=True),
    "hidden_layer_sizes": ints(8, 128), "max_iter": ints(20, 300),
}  # fmt: skip
GROVE = {"n_estimators": 100, "max_depth": 12, "min_samples_leaf": 1}
CASES: list[Spec] = [
    # -- it broke
    ranker("ranker_judgements", "missing file", "judgements"),
    segment("segment_masks", "missing file", *broken("masks")),
    sk("tour_csv", "missing file", "forest", "wine", GROVE, "csv"),
    vae("vae_decoder", "wrong shape", "wide"),
    segment("segment_flat", "wrong shape", *broken("flat")),
    sk("tour_short", "wrong shape", "logistic", "wine", {"C": 1.0}, "short"),
    vae("vae_ints", "wrong dtype", "ints"),
    segment("segment_double", "wrong dtype", *broken("double")),
    ranker("ranker_text", "wrong dtype", "text"),
    vae("vae_nan", "NaN in the data", "nan"),
    sk("tour_gap", "NaN in the data", "svc", "wine", {"C": 1.0, "gamma": 0.05}, "gap"),
    poisson("poisson_counts", "NaN in the data", *broken("missing-counts"), lr=0.3),
    denoise("denoise_shot", "killed", "shot"),
    markov("markov_hoard", "out of memory", *broken("hoard"), memory_bytes=800 << 20),
    segment("segment_slow", "too slow", *broken("slow"), seconds=7.0, epochs=50),
    mixture("mixture_unnamed", "metric never printed", "unnamed"),
    segment("segment_quiet", "metric never printed", *broken("quiet"), epochs=5),
    poisson("poisson_renamed", "metric misspelt", "--metric", "nll_valid"),
    ranker("ranker_short_name", "metric misspelt", "short-name", objective=Objective("val_ndcg", "maximize")),
    markov("markov_option", "bad argument", "--layers", "2"),
    sk("tour_negative", "bad argument", "near", "wine", {"n_neighbors": -3}),
    modular("modular_modulus", "wrong shape", "modulus"),
    # -- it learned badly
    vae("vae_lr_high", "lr too high", lr=0.3),
    segment("segment_lr_high", "lr too high", lr=1.0, width=16),
    reinforce("reinforce_lr_high", "lr too high", step_size=0.5),
    poisson("poisson_lr_high", "lr too high", "--solver", "gd", lr=1.0),
    vae("vae_lr_low", "lr too low", lr=1e-4, epochs=6),
    segment("segment_lr_low", "lr too low", lr=1e-4),
    markov("markov_lr_low", "lr too low", peak_lr=1e-4),
    denoise("denoise_lr_low", "lr too low", learning_rate=1e-4, iterations=400),
    markov("markov_overfit", "overfitting", "--corpus", "400", hidden_size=128, total_steps=400),
    patience("patience_overfit", "overfitting", "--rows", "60", "--patience", "100", dropout=0.0, units=128),
    sk("tour_tree_overfit", "overfitting", "tree", "hard", {"max_depth": 20, "min_samples_leaf": 1}),
    sk("tour_near_overfit", "overfitting", "near", "hard", {"n_neighbors": 1}),
    patience("patience_underfit", "underfitting", dropout=0.92, units=8),
    sk("tour_logistic_underfit", "underfitting", "logistic", "digits", {"C": 1e-4}),
    sk("tour_stump", "underfitting", "tree", "digits", {"max_depth": 1, "min_samples_leaf": 1}),
    sk("tour_lasso_underfit", "underfitting", "lasso", "diabetes", {"alpha": 80.0}),
    modular("modular_asleep", "dead units", "sleeping", max_steps=500),
    segment("segment_dead", "dead units", *broken("dead")),
    markov("markov_frozen", "nothing is trained", *broken("frozen")),
    # -- healthy
    vae("healthy_vae", "none"),
    vae("healthy_vae_warm", "none", "warm", beta=2.0, epochs=20),
    vae("healthy_vae_small", "none", latent_dim=3, hidden=48, lr=5e-3, seed=9),
    reinforce("healthy_reinforce", "none"),
    reinforce("healthy_reinforce_slow", "none", step_size=5e-3, episodes=1500, seed=3),
    modular("healthy_modular", "none", lr=1e-2, weight_decay=2.0, width=64),
    modular("healthy_modular_late", "none", "most", weight_decay=2.0, max_steps=2500, width=48),
    segment("healthy_segment", "none"),
    segment("healthy_segment_sgd", "none", "--optimizer", "sgd", lr=3e-2, seed=8),
    segment("healthy_segment_noisy", "none", "--noise", "1.6", epochs=20, lr=5e-3),
    segment("healthy_segment_loss", "none", epochs=8, width=12, objective=Objective("val_loss")),
    poisson("healthy_poisson", "none"),
    poisson("healthy_poisson_gd", "none", "--solver", "gd", lr=0.1, iters=120),
    poisson("healthy_poisson_few_rows", "none", "--rows", "150", lr=0.5, l2=0.02),
    ranker("healthy_ranker", "none"),
    ranker("healthy_ranker_noisy", "none", noise=3.0, n_steps=3000, seed=7),
    ranker("healthy_ranker_small_steps", "none", eta=3e-3, n_steps=4000),
    denoise("healthy_denoise", "none"),
    denoise("healthy_denoise_wide", "none", hidden_units=128, learning_rate=5e-3, iterations=600, seed=2),
    denoise("healthy_denoise_slow", "none", learning_rate=6e-4, iterations=2500, seed=3),
    markov("healthy_markov", "none"),
    markov("healthy_markov_flat_source", "none", "--sharpness", "0.5", peak_lr=5e-3, total_steps=300),
    markov("healthy_markov_dropout", "none", drop_rate=0.3, total_steps=400, hidden_size=64, objective=Objective("val_loss")),
    markov("healthy_markov_small_rate", "none", peak_lr=2e-3, total_steps=500),
    mixture("healthy_mixture", "none"),
    mixture("healthy_mixture_many", "none", n_components=9, max_iter=60, seed=8),
    perceptron("healthy_perceptron", "none"),
    perceptron("healthy_perceptron_noisy", "none", noise=4.0, passes=40, seed=1),
    patience("healthy_patience", "none"),
    patience("healthy_patience_r2", "none", units=16, lr=1e-2, seed=2, objective=Objective("val_r2", "maximize")),
    patience("healthy_patience_tiny_held", "none", "--held", "25", dropout=0.3, seed=5),
    sk("healthy_tour_forest", "none", "forest", "many", GROVE),
    sk("healthy_tour_forest_hard", "none", "forest", "hard", GROVE | {"min_samples_leaf": 3}),
    sk("healthy_tour_forest_regression", "none", "forest", "friedman", {"n_estimators": 200, "min_samples_leaf": 2}),
    sk("healthy_tour_extra", "none", "extra", "many", {"n_estimators": 80, "max_depth": 16}, "python"),
    sk("healthy_tour_boost", "none", "boost", "many", {"n_estimators": 120, "learning_rate": 0.1, "max_depth": 2}),
    sk("healthy_tour_near", "none", "near", "hard", {"n_neighbors": 15}),
    sk("healthy_tour_svc", "none", "svc", "hard", {"C": 1.0, "gamma": 0.03}),
    sk("healthy_tour_lasso", "none", "lasso", "sparse", {"alpha": 3.0}),
    sk("healthy_tour_gp", "none", "gp", "friedman", {"alpha": 0.3}),
    sk("healthy_tour_logistic", "none", "logistic", "digits", {"C": 0.05}, "valid-only"),
    sk("healthy_tour_mlp", "none", "mlp", "many", {"hidden_layer_sizes": 48, "alpha": 0.01, "learning_rate_init": 5e-3, "max_iter": 60}),
]  # fmt: skip
