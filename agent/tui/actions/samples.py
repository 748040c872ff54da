"""Samples of what a trial's model answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui.actions import pages
from agent.tui.actions.words import split_number
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.widgets.samples_panel import SamplesPanel


def show(app: TunewrightApp, args: str) -> None:
    """`/samples`, `/samples 12`, and of trial 12 sample 38: `/samples 12 38`."""
    number, rest = split_number(args)
    sample, more = split_number(rest)
    if more or (rest and sample is None):
        raise TunewrightError(f"'{rest}' is not the number of a sample", remedy="Write for example /samples 12 38.")
    if sample is not None:
        view = app.study.side.view
        view.sample, view.answers = sample, "all"
    pages.part(app, "samples", "" if number is None else str(number))


def after(app: TunewrightApp, args: str) -> None:
    _turn(app, 1)


def before(app: TunewrightApp, args: str) -> None:
    _turn(app, -1)


def _turn(app: TunewrightApp, by: int) -> None:
    """To another sample; where there are none, to another trial."""
    rows = panel(app).rows
    if rows.samples:
        rows.move(by)
    else:
        (pages.later if by > 0 else pages.earlier)(app, "")


def only(app: TunewrightApp, args: str) -> None:
    word = args.strip()
    if word not in ("", "wrong", "all"):
        raise TunewrightError(f"'{word}' is neither wrong nor all")
    panel(app).only(word)


def panel(app: TunewrightApp) -> SamplesPanel:
    """Those on the page that is open. Raises TunewrightError when no page shows samples."""
    page = pages.page(app)
    if page is None or page.part != "samples":
        raise TunewrightError("no samples are shown", remedy="/samples N shows those of a trial.")
    return page.samples
