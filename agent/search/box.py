"""A search space as numbers: the rectangle in which the Gaussian processes live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna._gp.search_space import SearchSpace as Rectangle
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import Config, SearchSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LISTED = 256  # Optuna lists every value of a discrete dimension; longer ones pass as continuous


class Box:
    """Encodes configs as rows of shape (n, d), d the number of parameters with more than one value.

    Numbers go to [0, 1] on their own scale, choices to their index. A parameter that does not apply
    to a config takes its middle value, so that its absence tells the model nothing.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.parameters = [p for p in space.parameters.values() if p.count() > 1]
        self.rectangle = Rectangle({p.name: _dimension(p) for p in self.parameters})

    def encode(self, configs: Sequence[Config]) -> NDArray[np.float64]:
        rows = [{p.name: _number(p, c.get(p.name, p.middle())) for p in self.parameters} for c in configs]
        trials: list[Any] = [None] * len(rows)  # Optuna reads nothing but their number when given the params
        return np.asarray(self.rectangle.get_normalized_params(trials, rows), dtype=np.float64)

    def decode(self, row: NDArray[np.float64]) -> Config:
        """The nearest config to `row`; it may break constraints."""
        numbers = self.rectangle.get_unnormalized_param(row)
        return self.space.snap({p.name: _value(p, numbers[p.name]) for p in self.parameters})


def _dimension(parameter: Parameter) -> BaseDistribution:
    if isinstance(parameter, CategoricalParameter):
        return CategoricalDistribution(range(len(parameter.choices)))
    assert isinstance(parameter, NumberParameter)
    values = parameter.count()
    if _is_grid(parameter):
        return IntDistribution(0, int(values) - 1)
    if parameter.kind == "int" and values <= _LISTED:
        return IntDistribution(int(parameter.low), int(parameter.high), log=parameter.log)
    return FloatDistribution(parameter.low, parameter.high, log=parameter.log)


def _is_grid(parameter: Parameter) -> bool:
    """Whether the dimension counts steps rather than units."""
    return isinstance(parameter, NumberParameter) and parameter.step is not None and parameter.count() <= _LISTED


def _number(parameter: Parameter, value: Any) -> Any:
    """Choices by index, as Optuna would take True and 1 for the same one; grids by step."""
    if isinstance(parameter, CategoricalParameter):
        return round(parameter.unit(value) * (len(parameter.choices) - 1))
    if _is_grid(parameter):
        assert isinstance(parameter, NumberParameter)
        return round((value - parameter.low) / (parameter.step or 1))
    return value


def _value(parameter: Parameter, number: Any) -> Any:
    """The inverse of `_number`."""
    if isinstance(parameter, CategoricalParameter):
        return parameter.choices[int(number)]
    if _is_grid(parameter):
        assert isinstance(parameter, NumberParameter)
        return parameter.low + number * (parameter.step or 1)
    return number
