"""scikit-learn: boosting by stages, an SGD classifier by passes, or one fit; prints plain `name: value` lines."""

import argparse

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import train_test_split

p = argparse.ArgumentParser()
p.add_argument("--model", default="boosting")
p.add_argument("--learning_rate", type=float, default=0.1)
p.add_argument("--n_estimators", type=int, default=80)
p.add_argument("--max_depth", type=int, default=3)
p.add_argument("--subsample", type=float, default=0.8)
p.add_argument("--alpha", type=float, default=1e-4)
p.add_argument("--wait", type=float, default=0.0)
p.add_argument("--fault", default="")
a = p.parse_args()

if a.fault == "sklearn-name":
    from sklearn.ensemble import GradientBoostRegressor  # noqa: F401
x, y = (load_diabetes if a.model in ("boosting", "mlp", "linear") else load_breast_cancer)(return_X_y=True)
y = y / 100 if a.model in ("boosting", "mlp") else y
if a.fault == "nan":
    y = y.astype(float)
    y[7] = np.nan
xt, xv, yt, yv = train_test_split(x, y, test_size=0.3, random_state=1)
if a.fault == "label-noise":
    yt = np.where(np.random.default_rng(0).random(len(yt)) < 0.35, 1 - yt, yt)
if a.fault == "features":
    xv = xv[:, :-1]

if a.model == "boosting":
    from sklearn.ensemble import GradientBoostingRegressor

    kwargs = {"max_depth": a.max_depth, "subsample": a.subsample, "random_state": 0}
    model = GradientBoostingRegressor(learning_rate=a.learning_rate, n_estimators=a.n_estimators, **kwargs).fit(xt, yt)
    for stage, (pt, pv) in enumerate(zip(model.staged_predict(xt), model.staged_predict(xv), strict=True)):
        print(f"stage: {stage} train_mse: {np.mean((pt - yt) ** 2):.6g} valid_mse: {np.mean((pv - yv) ** 2):.6g}")
elif a.model == "sgd":
    from sklearn.linear_model import SGDClassifier
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(xt)
    model = SGDClassifier("log_loss", alpha=a.alpha, learning_rate="constant", eta0=a.learning_rate, random_state=0)
    for stage in range(a.n_estimators):
        model.partial_fit(scaler.transform(xt), yt, classes=[0, 1])
        print(f"stage: {stage} accuracy: {model.score(scaler.transform(xv), yv):.4f}")
elif a.model == "mlp":
    from sklearn.metrics import r2_score
    from sklearn.neural_network import MLPRegressor

    model = MLPRegressor(
        hidden_layer_sizes=(30,), solver="sgd", learning_rate_init=a.learning_rate, alpha=a.alpha, max_iter=100
    )
    model.fit(xt * 20, yt)
    print(f"r2: {r2_score(yv, model.predict(xv * 20)):.4f}")
elif a.model == "linear":
    from sklearn.linear_model import ElasticNet

    model = ElasticNet(alpha=a.alpha).fit(xt, yt)
    print(f"train_r2: {model.score(xt, yt):.4f} valid_r2: {model.score(xv, yv):.4f}")
else:
    import time

    from sklearn.neighbors import KNeighborsClassifier

    time.sleep(a.wait)
    model = KNeighborsClassifier(n_neighbors=a.max_depth).fit(xt, yt)
    print(f"train_accuracy: {model.score(xt, yt):.4f} valid_accuracy: {model.score(xv, yv):.4f}")
