"""The data sets on which our own runs are made: none that a benchmark judges on (iris, wine, digits, breast cancer,
Boston, diabetes). Made ones by scikit-learn's generators, real ones from what ships with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROWS = 240


def load(name: str) -> tuple[Array, Array]:
    """Inputs, scaled, and targets: numbers of classes, or scaled for regression."""
    from sklearn.preprocessing import scale

    x, y = _ALL[name]()
    return scale(x), scale(y) if name in REGRESSION else y


def _made(name: str, **options: object) -> Callable[[], tuple[Array, Array]]:
    def make() -> tuple[Array, Array]:
        from sklearn import datasets

        made: tuple[Array, Array] = getattr(datasets, name)(n_samples=ROWS, **options)
        return made

    return make


def _patches(pictures: list[str], seed: int) -> tuple[Array, Array]:
    """Grey 5×5 patches of the photographs that ship with scikit-learn, and the number of the picture each is from."""
    from sklearn import datasets

    rng = np.random.default_rng(seed)
    patches, labels = [], []
    for label, picture in enumerate(pictures):
        grey = datasets.load_sample_image(picture).mean(axis=2)
        for _ in range(ROWS // len(pictures)):
            top, left = rng.integers(grey.shape[0] - 5), rng.integers(grey.shape[1] - 5)
            patches.append(grey[top : top + 5, left : left + 5].ravel())
            labels.append(label)
    order = rng.permutation(len(labels))
    return np.array(patches)[order], np.array(labels)[order]


def _which_photograph() -> tuple[Array, Array]:
    return _patches(["china.jpg", "flower.jpg"], 21)


def _middle_pixel() -> tuple[Array, Array]:
    """The pixel in the middle of a patch from those around its edge."""
    patches, _ = _patches(["china.jpg"], 22)
    edge = [i for i in range(25) if i // 5 in (0, 4) or i % 5 in (0, 4)]
    return patches[:, edge], patches[:, 12]


CLASSIFICATION: dict[str, Callable[[], tuple[Array, Array]]] = {
    "moons": _made("make_moons", noise=0.3, random_state=11),
    "circles": _made("make_circles", noise=0.15, factor=0.5, random_state=12),
    "narrow": _made("make_classification", n_features=8, n_informative=4, flip_y=0.1, random_state=13),
    "wide": _made("make_classification", n_features=50, n_informative=6, n_redundant=10, random_state=14),
    "classes": _made(
        "make_classification", n_features=15, n_informative=8, n_classes=4, class_sep=1.2, random_state=15
    ),
    "rare": _made("make_classification", n_features=12, n_informative=5, weights=[0.85], flip_y=0.02, random_state=16),
    "quantiles": _made("make_gaussian_quantiles", n_features=6, n_classes=3, random_state=17),
    "photographs": _which_photograph,
}
REGRESSION: dict[str, Callable[[], tuple[Array, Array]]] = {
    "friedman1": _made("make_friedman1", noise=1.0, random_state=18),
    "friedman2": _made("make_friedman2", noise=50.0, random_state=19),
    "sparse": _made("make_regression", n_features=30, n_informative=5, noise=20.0, random_state=20),
    "pixels": _middle_pixel,
}
_ALL = CLASSIFICATION | REGRESSION
