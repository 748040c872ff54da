"""The five configs that LLAMBO's runs on HPOBench began with, by seed, so that other searches can begin with them too.

Numbers of the points on each axis (alpha, batch_size, depth, learning_rate_init, width), from the `config<seed>.json`
of its repository (Liu et al. 2024, "Large Language Models to Enhance Bayesian Optimization"; MIT licence), drawn
uniformly there.
"""

from __future__ import annotations

from benchmarks.search import tables
from benchmarks.search.task import Task
from trainers.errors import TunewrightError
from trainers.space import Config

_POINTS = (
    "5615464293751811027897171",
    "4603112145460806411279168",
    "4014432132650527818151111",
    "5615881004041365012436115",
    "9526629024722915010949282",
    "2808467132171182416552123",
    "8320155136471569718706276",
    "1717955024671138218059058",
    "8925204154552664323219031",
    "0511124013282065815636248",
    "7017422221690576618651164",
    "2017440188712816003177131",
    "1715088091352805517170013",
    "7229945266030836210392180",
    "5720395152731062817781146",
    "8203253112821872200293245",
    "2510326018511123612418143",
    "3501766103912806514335174",
    "6522876220681013622663272",
    "1701316296251214113639256",
)


def initial(task: Task, seed: int) -> list[Config]:
    """Raises TunewrightError for tasks that LLAMBO did not run, and seeds beyond its own."""
    if task.group != "hpobench":
        raise TunewrightError("LLAMBO's initial configs are for hpobench alone", where=task.name)
    if seed >= len(_POINTS):
        raise TunewrightError(f"there are initial configs for seeds 0 to {len(_POINTS) - 1}", where=f"seed {seed}")
    axes = tables.axes("hpobench")
    points = [_POINTS[seed][i : i + 5] for i in range(0, 25, 5)]
    return [{name: values[int(d)] for (name, values), d in zip(axes.items(), point, strict=True)} for point in points]
