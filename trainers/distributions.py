"""SearchSpace to Optuna distributions and back.

Optuna's distributions know neither conditions nor constraints nor defaults. Going there, a
config brings the distributions of its active parameters only, as a define-by-run study would
have recorded them; coming back, what was never there stays empty. Optuna takes the choices
True and 1 for the same one, which only matters to a parameter that has both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, FloatParameter, IntParameter, NumberParameter, Parameter
from trainers.space import SearchSpace, tidy

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def to_distribution(parameter: Parameter) -> BaseDistribution:
    """The Optuna distribution with the same values, ends included."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(parameter, CategoricalParameter):
        return CategoricalDistribution(parameter.choices)
    assert isinstance(parameter, NumberParameter)
    high = _last_on_grid(parameter)
    if isinstance(parameter, IntParameter):
        return IntDistribution(parameter.low, int(high), log=parameter.log, step=parameter.step or 1)
    if parameter.step is not None:
        return FloatDistribution(parameter.low, high, step=parameter.step)
    # Canonical values carry 12 digits, so the ends must too, or Optuna finds them out of range.
    return FloatDistribution(tidy(parameter.low), tidy(high), log=parameter.log)


def to_distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """The distributions of all parameters, the conditional ones included, in declared order."""
    return {name: to_distribution(parameter) for name, parameter in space.parameters.items()}


def optuna_trial(space: SearchSpace, config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, BaseDistribution]]:
    """`params` and `distributions` of `config` as `optuna.trial.create_trial` takes them.

    Only active parameters. Raises SpaceError when `config` does not fit the space.
    """
    fitting = space.validate(config)
    params = {name: _exact(space.parameters[name], value) for name, value in fitting.items()}
    return params, {name: to_distribution(space.parameters[name]) for name in fitting}


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


def _last_on_grid(parameter: NumberParameter) -> float:
    """The highest value the parameter takes; Optuna warns about a `high` that no step reaches."""
    value = parameter.snap(parameter.high)
    assert isinstance(value, int | float)
    return value


def _exact(parameter: Parameter, value: Any) -> Any:
    """`value` on Optuna's own grid: it checks low + k·step to 1e-8 steps, which 12 digits may miss."""
    if isinstance(parameter, FloatParameter) and parameter.step is not None:
        return parameter.low + round((value - parameter.low) / parameter.step) * parameter.step
    return value
