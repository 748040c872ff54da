"""Views as pictures: true vector plots, and any rows of coloured text cell by cell; SVG, or PNG made from it."""

from agent.tui.pictures.cells import cells
from agent.tui.pictures.files import write
from agent.tui.pictures.plots import Figure, Line, plots
from agent.tui.pictures.svg import PAPER, Pictured, Svg

__all__ = ["PAPER", "Figure", "Line", "Pictured", "Svg", "cells", "plots", "write"]
