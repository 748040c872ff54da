"""scikit-learn models, cross-validated; prints each fold or only the end. `--fault` breaks it in a known way."""

import argparse
import json

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="forest")
parser.add_argument("--data", default="breast_cancer")
parser.add_argument("--max_depth", type=int, default=5)
parser.add_argument("--n_estimators", type=int, default=50)
parser.add_argument("--min_samples_leaf", type=float, default=0.01)
parser.add_argument("--C", type=float, default=1.0)
parser.add_argument("--gamma", type=float, default=0.05)
parser.add_argument("--alpha", type=float, default=1e-4)
parser.add_argument("--folds", action="store_true")
parser.add_argument("--label-noise", type=float, default=0.0)
parser.add_argument("--fault", default="")
args = parser.parse_args()

data = {"breast_cancer": load_breast_cancer, "wine": load_wine, "iris": load_iris, "diabetes": load_diabetes}[args.data]
x, y = data(return_X_y=True)
rng = np.random.default_rng(0)
if args.label_noise:
    y = np.where(rng.random(len(y)) < args.label_noise, rng.permutation(y), y)
if args.fault == "nan":
    x[3, 2] = np.nan
if args.fault == "labels":
    y = y[:-7]
if args.fault == "text":
    x = x.astype(object)
    x[5, 0] = "unknown"

if args.model == "forest":
    from sklearn.ensemble import RandomForestClassifier as Model

    model = Model(args.n_estimators, max_depth=args.max_depth, min_samples_leaf=args.min_samples_leaf, random_state=0)
elif args.model == "tree":
    from sklearn.tree import DecisionTreeClassifier as Model

    model = Model(max_depth=args.max_depth, random_state=0)
elif args.model == "svm":
    from sklearn.svm import SVC

    model = make_pipeline(StandardScaler(), SVC(C=args.C, gamma=args.gamma))
else:
    from sklearn.linear_model import Ridge

    model = make_pipeline(StandardScaler(), Ridge(alpha=args.alpha))

score = "neg_mean_squared_error" if args.data == "diabetes" else "accuracy"
found = cross_validate(model, x, y, cv=5, scoring=score, return_train_score=True, error_score="raise")
name = "mse" if args.data == "diabetes" else "accuracy"
sign = -1 if args.data == "diabetes" else 1
if args.folds:
    for fold, value in enumerate(found["test_score"]):
        print(json.dumps({"step": fold, f"cv_{name}": sign * value}))
else:
    print(
        json.dumps(
            {f"train_{name}": sign * found["train_score"].mean(), f"val_{name}": sign * found["test_score"].mean()}
        )
    )
