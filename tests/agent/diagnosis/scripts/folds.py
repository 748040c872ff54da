"""Models by cross-validation: a line a fold, or one for all; or scikit-learn's own passes over the data."""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets, discriminant_analysis, ensemble, linear_model, metrics, naive_bayes, neural_network, tree
from sklearn.model_selection import StratifiedKFold, train_test_split

warnings.simplefilter("ignore")
kind, mode = sys.argv[1], sys.argv[2]
config = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text())
x, y = datasets.make_classification(800, 18, n_informative=6, weights=[0.8], flip_y=0.1, class_sep=0.9, random_state=11)
if kind == "digits":
    x, y = datasets.load_digits(return_X_y=True)
    x = x / 16
kinds = {
    "qda": discriminant_analysis.QuadraticDiscriminantAnalysis,
    "bayes": naive_bayes.GaussianNB,
    "tree": tree.DecisionTreeClassifier,
    "adaboost": ensemble.AdaBoostClassifier,
    "hist": ensemble.HistGradientBoostingClassifier,
    "sgd": lambda **c: linear_model.SGDClassifier(loss="log_loss", learning_rate="constant", random_state=0, **c),
    "digits": lambda **c: neural_network.MLPClassifier(random_state=0, **c),
}
if mode == "folds":
    seen = []
    for fold, (a, b) in enumerate(StratifiedKFold(6, shuffle=True, random_state=0).split(x, y)):
        model = kinds[kind](**config).fit(x[a], y[a])
        seen.append(metrics.roc_auc_score(y[b], model.predict_proba(x[b])[:, 1]))
        print(json.dumps({"fold": fold, "auc": seen[-1]}))
    print(json.dumps({"mean_auc": float(np.mean(seen)), "std_auc": float(np.std(seen))}))
elif mode == "passes":
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.4, stratify=y, random_state=0)
    passes = config.pop("passes")
    model = kinds[kind](**config)
    for k in range(1, passes + 1):
        order = np.random.default_rng(k).permutation(len(xt))
        model.partial_fit(xt[order], yt[order], classes=np.unique(y))
        p, q = model.predict_proba(xt), model.predict_proba(xv)
        print(
            f"pass={k} train_log_loss={metrics.log_loss(yt, p):.5f} valid_log_loss={metrics.log_loss(yv, q):.5f} valid_score={model.score(xv, yv):.4f}"
        )
else:
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.4, stratify=y, random_state=0)
    model = kinds[kind](**config).fit(xt, yt)
    print(
        json.dumps(
            {"train_f1": metrics.f1_score(yt, model.predict(xt)), "val_f1": metrics.f1_score(yv, model.predict(xv))}
        )
    )
