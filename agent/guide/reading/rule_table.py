"""The rules by which an option's name gives its range: a table, read from the top, the first that fits.

Names are compared in lower case with underscores, prefixes such as `optim_` or `model_` aside: a pattern must match the
last words of the name. Ranges are those that the field uses; where a number is from a paper, it is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.guide.reading.shapes import Shape, among, between, decades, factor, powers


@dataclass(frozen=True)
class Rule:
    """`rank` orders options by how much they usually matter; `chosen` says whether they are in the space at first."""

    names: str
    what: str  # in the plural: "learning rates"
    shape: Shape
    rank: int
    chosen: bool = True
    because: str = ""  # why it is not chosen
    help: str = ""  # a pattern that the option's help must hold as well


_SPENDS = "it is what a trial costs; give trials a time limit, or raise it for the final run"

_IN_LOSS = "the loss itself changes with it; choose it where the objective is a score"
_COUNT = r"((max|num|n|nb|train|total|training|number_of)_)*"
RULES: tuple[Rule, ...] = (
    # -- warming up, before the steps whose name it holds -------------------
    Rule(r"warm_?up_(ratio|fraction|frac|pct|proportion)|pct_start", "warm-up shares", between(0.0, 0.2, 0.05), 48),
    Rule(r"warm_?up(_steps|_epochs|_iters|_iterations|_updates)?", "warm-up lengths", factor(100, least=0), 46),
    # -- what a trial costs ------------------------------------------------
    Rule(_COUNT + r"(epochs?|steps|iters?|iterations|updates|timesteps|epoch_num|iter)", "numbers of epochs or steps",
         factor(10), 5, chosen=False, because=_SPENDS),
    Rule(r"patience|early_stopping(_rounds)?", "patiences", factor(10), 4, chosen=False,
         because="it decides how long a trial runs rather than how well it learns"),
    # -- what a later rule would take for something else -------------------
    Rule(r"weight_?decay|wd|l2(_reg|_penalty|_lambda|_weight|_coef)?|reg_l2", "weight decays", decades(1e-3,
         high=1.0), 82),
    Rule(r"max_depth", "depths of trees", between(2, 12, 6, whole=True), 76),
    # -- schedules, before the learning rates whose names they hold --------
    Rule(r"(min|end|final)_(lr|learning_rate)(_ratio|_factor)?|lr_(min|end)|eta_min", "final learning rates",
         decades(1e-6), 20, chosen=False),
    Rule(r"gamma", "discounts", between(0.9, 0.9999, 0.99), 64, help=r"(?i)discount"),
    Rule(r"(lr|learning_rate)_(decay|gamma|drop)(_rate|_factor)?|gamma|decay(_rate|_factor)?", "learning rate decays",
         between(0.5, 1.0, 0.9), 38),
    Rule(r"(lr_)?(step_size|decay_(steps|epochs)|drop_every)", "decay steps", factor(10), 25, chosen=False),
    # -- optimisation ------------------------------------------------------

            Rule(r"lr|learning_?rate(_init)?|eta0?|lr_?(0|init|max|base|peak|actor|critic|[gd]|gen|disc)|(lr|learning_rate)_\w?",
         "learning rates", decades(1e-3, high=1.0), 100),
    Rule(r"(mini_?)?batch_?size|bsz?|minibatch|batch", "batch sizes", powers(64), 92),
    Rule(r"grad(ient)?_accum\w*|accum\w*(_steps|_iter|_batches)", "accumulated batches", powers(1), 15, chosen=False,
         because="it is the batch size under another name"),
    Rule(r"l1(_reg|_penalty|_lambda|_weight|_coef)?|reg_l1", "L1 penalties", decades(1e-5, high=1.0), 42),
    Rule(r"momentum", "momenta", between(0.0, 0.99, 0.9), 56),
    Rule(r"beta_?1|b1", "first betas", between(0.8, 0.99, 0.9), 26, chosen=False),
    Rule(r"beta_?2|b2", "second betas", between(0.9, 0.9999, 0.999), 30),
    Rule(r"clip_?(range|coef|ratio|eps|epsilon|param)", "clipping ranges", between(0.05, 0.4, 0.2), 47),
    Rule(r"eps(ilon)?", "epsilons", decades(1e-8), 14, chosen=False),
    Rule(r"(max_)?grad(ient)?_?(norm|clip\w*)|(pre_|post_)?clip(_\w+)?|clipping(_\w+)?|max_norm", "clipping norms",
         decades(1.0, 1), 32),
    Rule(r"ema(_decay|_rate|_momentum)?|polyak", "averaging rates", between(0.9, 0.9999, 0.999), 24, chosen=False),
    Rule(r"tau", "averaging rates", decades(0.005, 1, high=1.0), 24, chosen=False),
    # -- regularisation ----------------------------------------------------
    Rule(r"keep_prob\w*", "shares kept", between(0.5, 1.0, 0.9), 71),
    Rule(r"(drop_path|stochastic_depth|layer_?drop)(_rate|_prob)?", "stochastic depths", between(0.0, 0.4, 0.1), 40),
    Rule(r"drop_?out(_\w+)?|drop(_rate|_prob)?|p_drop", "dropout rates", between(0.0, 0.5, 0.1), 72),
    Rule(r"label_smooth(ing)?(_\w+)?|smoothing", "label smoothings", between(0.0, 0.2, 0.1), 44, chosen=False,
         because=_IN_LOSS),
    Rule(r"(mixup|cutmix)(_alpha)?", "mixing strengths", between(0.0, 1.0, 0.2), 36),
    Rule(r"(rand_?)?aug\w*|(color_)?jitter\w*|magnitude", "augmentation strengths", between(0.0, 1.0, 0.5), 34),
    Rule(r"(random_)?(eras\w+|flip|rotate|crop|mask\w*|mlm)_(p|prob|probability|rate|ratio)", "augmentation rates",
         between(0.0, 0.5, 0.15), 28),
    Rule(r"noise(_\w+)?|sigma", "noise levels", decades(0.1, 1, high=1.0), 37, chosen=False,
         because="it may change the data that the score is measured on"),
    # -- the network -------------------------------------------------------

            Rule(r"(latent|bottleneck|code|z)_?(dim|size)|nz|((n|num)_)?(latent|factors|components)", "latent sizes",
         powers(32), 62),
    Rule(r"(d|dim)_?(model|ff|feedforward|inner)|n_emb(e?d)|emb(ed(ding)?)?(_?(dim|size|width))?|width|hidden(_?\w+)?|nhid"

                 r"|(n|num)_(hidden|units|filters|channels)|units|dim|channels|base_channels|filters|n[gd]f|(ffn?|mlp)_?(dim|size)"
         r"|neurons|rnn_size|projection_dim", "widths", powers(128, most=1024), 66),
    Rule(_COUNT + r"((hidden|encoder|decoder|transformer|rnn|conv|e|d)_)?(layers?|blocks|depth)", "depths",
         factor(2, 3), 60),
    Rule(_COUNT + r"((attention|attn)_)?heads?|nhead", "head counts", powers(4), 40),
    Rule(r"(mlp|expansion|ffn?)_(ratio|factor|mult)|expansion", "expansion ratios", among(1, 2, 4), 22, chosen=False),
    Rule(r"kernel(_size)?|filter_size", "kernel sizes", among(3, 5, 7), 35),
    Rule(r"init\w*_?(scale|std|gain|range|sigma)", "initial scales", decades(0.1, 1), 29),

            Rule(r"(max_)?(seq|sequence|context)?_?(len|length)|seqlen|(block|window|context)_size|context|window|lookback|bptt",
         "lengths", powers(128, 2), 18, chosen=False,
         because="it changes what the model sees, and often what its score means"),
    # -- fine-tuning and losses ----------------------------------------------
    Rule(r"lora_(r|dim)|rank|r", "ranks", powers(8), 68),
    Rule(r"lora_alpha", "LoRA alphas", powers(16), 58),
    Rule(r"(un)?freeze\w*|frozen\w*", "frozen layers", factor(2, least=0), 16, chosen=False),
    Rule(r"temp(erature)?", "temperatures", decades(0.5, 1), 43, chosen=False,
         because=_IN_LOSS),
    Rule(r"margin", "margins", between(0.05, 1.0, 0.3), 33, chosen=False,
         because=_IN_LOSS),
    Rule(r"focal_(gamma|alpha)", "focal parameters", between(0.0, 5.0, 2.0), 28),
    # -- reinforcement learning --------------------------------------------
    Rule(r"discount(_factor)?", "discounts", between(0.9, 0.9999, 0.99), 64),
    Rule(r"gae_lam(bda)?", "GAE lambdas", between(0.9, 1.0, 0.95), 45),
    Rule(r"ent(ropy)?_?(coef\w*|beta|weight|cost|bonus)", "entropy weights", decades(0.01, 1.5, high=1.0), 57),
    Rule(r"(vf|value)_?(coef\w*|weight)", "value weights", between(0.1, 1.0, 0.5), 31),
    Rule(r"((n|num)_)?(episodes|rollouts|envs|minibatches)", "amounts of experience", powers(16), 41),
    # -- trees, forests, boosting, kernels: as in the libraries' own guides ---
    Rule(r"((n|num)_)?(estimators|trees)|(num_)?boost(ing)?_rounds?|nrounds", "numbers of trees", factor(100,
         5, least=10), 70),
    Rule(r"(num|max)_(leaves|leaf_nodes)", "numbers of leaves", between(8, 256, 31, log=True, whole=True), 69),
    Rule(r"min_samples_leaf|min_child_samples|min_data_in_leaf", "smallest leaves", between(1, 20, 1, whole=True), 63),
    Rule(r"min_samples_split", "smallest nodes to split", between(2, 20, 2, whole=True), 55),
    Rule(r"min_child_weight|min_sum_hessian\w*", "smallest leaf weights", between(0.1, 20, 1, log=True), 54),
    Rule(r"max_features|feature_fraction|colsample\w*", "shares of features", between(0.2, 1.0, 0.8), 59),
    Rule(r"subsample|bagging_fraction", "shares of samples", between(0.5, 1.0, 0.9), 61),
    Rule(r"min_(split_gain|impurity_decrease|split_loss)", "smallest gains", between(0.0, 1.0, 0.0), 30, chosen=False),
    Rule(r"(reg_)?(alpha|lambda)|lam|ridge|reg\w*_?(strength|param|coef|weight)?|lambda_\w+", "penalties",
         decades(1e-2), 53),
    Rule(r"c", "penalties C", decades(1.0), 80),
    Rule(r"((n|num|k)_)?neighbors", "neighbourhoods", between(1, 30, 5, whole=True), 74),
    Rule(r"l1_ratio", "shares of L1", between(0.0, 1.0, 0.5), 52),
    Rule(r"tol|tolerance", "tolerances", decades(1e-4), 6, chosen=False),
)  # fmt: skip

# Choices and flags that are usually worth trying, whatever their values are.
CHOICES: tuple[Rule, ...] = (
    Rule(r"optim\w*|opt", "optimizers", among(), 78),
    Rule(r"\w*sched\w*|lr_policy", "schedules", among(), 50),
    Rule(r"act|activation\w*|nonlinearity", "activations", among(), 36),

            Rule(r"(rnn_)?cell(_type)?|rnn_type|arch(itecture)?|model(_type|_name|_kind|_arch)?|backbone|network|kind|algo(rithm)?",
         "kinds of model", among(), 65),
    Rule(r"loss(_name|_fn|_function|_type)?|criterion|objective", "losses", among(), 12, chosen=False,
         because="a loss says nothing beside another loss; choose it where the objective is a score"),
    Rule(r"kernel|booster|penalty|solver|splitter", "kinds of method", among(), 49),
    Rule(r"norm(alization)?(_type|_layer)?|pool(ing)?\w*|init\w*|distribution", "building blocks", among(), 27),
    Rule(r"(use_)?(batch_?norm|bn|layer_?norm|nesterov|amsgrad|bias|residual|skip|bidirectional|augment\w*|bootstrap"
         r"|tie_weights|normali[sz]e|ema|mixup|cutmix|balanced)", "switches of the method", among(), 23),
)  # fmt: skip
