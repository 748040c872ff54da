"""Gradient boosting on the wine data, cross-validated; scores are printed a fold, and the mean at the end."""

import argparse

import numpy as np
from sklearn.datasets import load_wine
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedKFold


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--model", default="gbm", choices=["gbm", "forest"])
    p.add_argument("--n-estimators", type=int, default=60, help="trees")
    p.add_argument("--max-depth", type=int, default=3)
    p.add_argument("--min-samples-leaf", type=int, default=1)
    p.add_argument("--max-features", type=float, default=None, help="share of the features a split looks at")
    p.add_argument("--learning-rate", type=float, default=0.1, help="shrinkage of each tree (gbm)")
    p.add_argument("--subsample", type=float, default=1.0, help="share of the samples for each tree (gbm)")
    p.add_argument("--folds", type=int, default=5)
    p.add_argument("--random-state", type=int, default=0)
    p.add_argument("--n-jobs", type=int, default=1)
    p.add_argument("--output", default="model.joblib")
    p.add_argument("--save", action="store_true", help="keep the fitted model")
    return p.parse_args()


def build(args):
    common = {
        "n_estimators": args.n_estimators,
        "max_depth": args.max_depth,
        "min_samples_leaf": args.min_samples_leaf,
        "max_features": args.max_features,
        "random_state": args.random_state,
    }
    if args.model == "forest":
        return RandomForestClassifier(n_jobs=args.n_jobs, **common)
    return GradientBoostingClassifier(learning_rate=args.learning_rate, subsample=args.subsample, **common)


def main():
    args = arguments()
    x, y = load_wine(return_X_y=True)
    losses, scores = [], []
    folds = StratifiedKFold(args.folds, shuffle=True, random_state=args.random_state)
    for fold, (train, test) in enumerate(folds.split(x, y), 1):
        model = build(args).fit(x[train], y[train])
        losses.append(log_loss(y[test], model.predict_proba(x[test])))
        scores.append(f1_score(y[test], model.predict(x[test]), average="macro"))
        print(f"fold {fold}/{args.folds}  log loss {losses[-1]:.4f}  f1 {scores[-1]:.4f}")
    print(f"CV log loss: {np.mean(losses):.4f} (+/- {np.std(losses):.4f})")
    print(f"CV f1 macro: {np.mean(scores):.4f} (+/- {np.std(scores):.4f})")
    if args.save:
        import joblib

        joblib.dump(build(args).fit(x, y), args.output)


if __name__ == "__main__":
    main()
