"""SearchSpace to Optuna distributions and back.

Optuna's distributions know neither conditions nor constraints nor defaults. Going there, a
config brings the distributions of its active parameters only, as a define-by-run study would
have recorded them; coming back, what was never there stays empty. Two more things get lost: Optuna
takes the choices True and 1 for the same one, and its grids are exact decimals, so that a step such
as 1/3 becomes a continuous range.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, FloatParameter, IntParameter, NumberParameter, Parameter
from trainers.space import SearchSpace

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def to_distribution(parameter: Parameter) -> BaseDistribution:
    """The Optuna distribution with the same values, ends included."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(parameter, CategoricalParameter):
        return CategoricalDistribution(parameter.choices)
    assert isinstance(parameter, NumberParameter)
    low, high = _end(parameter, parameter.low), _end(parameter, parameter.high)
    if isinstance(parameter, IntParameter):
        return IntDistribution(parameter.low, int(high), log=parameter.log, step=parameter.step or 1)
    if parameter.step is not None and _is_decimal_grid(parameter.low, high, parameter.step):
        return FloatDistribution(parameter.low, high, step=parameter.step)
    return FloatDistribution(low, high, log=parameter.log)


def to_distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """The distributions of all parameters, the conditional ones included, in declared order."""
    return {name: to_distribution(parameter) for name, parameter in space.parameters.items()}


def optuna_trial(space: SearchSpace, config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, BaseDistribution]]:
    """`params` and `distributions` of `config` as `optuna.trial.create_trial` takes them.

    Only active parameters. Raises SpaceError when `config` does not fit the space.
    """
    fitting = space.validate(config)
    distributions = {name: to_distribution(space.parameters[name]) for name in fitting}
    return {name: _exact(distributions[name], value) for name, value in fitting.items()}, distributions


def from_distribution(name: str, distribution: BaseDistribution) -> Parameter:
    """The parameter with the values of an Optuna distribution.

    Raises SpaceError naming the parameter when the distribution is of another kind.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match distribution:
        case CategoricalDistribution():
            return CategoricalParameter(name=name, choices=tuple(distribution.choices))
        case IntDistribution():
            step = distribution.step if distribution.step != 1 else None
            return IntParameter(
                name=name, low=distribution.low, high=distribution.high, log=distribution.log, step=step
            )
        case FloatDistribution():
            return FloatParameter(
                name=name, low=distribution.low, high=distribution.high, log=distribution.log, step=distribution.step
            )
    raise SpaceError(
        f"{type(distribution).__name__} is not a distribution we know",
        where=f"space.{name}",
        remedy="Use Float-, Int- or CategoricalDistribution.",
    )


def from_distributions(distributions: Mapping[str, BaseDistribution]) -> SearchSpace:
    """The space of those parameters, without conditions and constraints."""
    return SearchSpace(from_distribution(name, distribution) for name, distribution in distributions.items())


def _end(parameter: NumberParameter, bound: float) -> float:
    """The value the parameter takes at `bound`: on its grid, as Optuna warns about a `high` that no step
    reaches, and as canonical as other values, which Optuna would else find out of range."""
    value = parameter.snap(bound)
    assert isinstance(value, int | float)
    return value


def _is_decimal_grid(low: float, high: float, step: float) -> bool:
    """Whether `high` lies a whole number of steps above `low` as Optuna counts them, in decimals."""
    return (Decimal(str(high)) - Decimal(str(low))) % Decimal(str(step)) == 0


def _exact(distribution: BaseDistribution, value: Any) -> Any:
    """`value` on Optuna's own grid: it checks low + k·step to 1e-8 steps, which 12 digits may miss."""
    from optuna.distributions import FloatDistribution

    if not isinstance(distribution, FloatDistribution) or distribution.step is None:
        return value
    steps = round((value - distribution.low) / distribution.step)
    return min(distribution.low + steps * distribution.step, distribution.high)
