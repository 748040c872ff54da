"""A canvas of braille dots for thousands of lines and points at once: arrays instead of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agent.tui.text import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # [row in cell][column in cell]
_EVERY_DOT = 400  # lines up to which steep ones are drawn without holes; more leave none to see


class Field:
    """`width` × `height` cells of two by four dots. Roles are told by their index in `roles`; what is drawn last
    gives a cell its colour. `put` writes letters over the dots."""

    def __init__(self, width: int, height: int, roles: tuple[str, ...]) -> None:
        self.width, self.height, self._roles = width, height, roles
        self.wide, self.high = 2 * width, 4 * height
        self._dots = np.zeros((self.high, self.wide), dtype=bool)
        self._owner = np.zeros((height, width), dtype=np.int16)
        self._letters: dict[tuple[int, int], Part] = {}

    def points(self, xs: Ints, ys: Ints, roles: Ints) -> None:
        """Dots at (x, y), shape (n,) each, drawn in their order; those outside are left out."""
        inside = (xs >= 0) & (xs < self.wide) & (ys >= 0) & (ys < self.high)
        xs, ys, roles = xs[inside], ys[inside], roles[inside]
        self._dots[ys, xs] = True
        self._owner[ys >> 2, xs >> 1] = roles

    def lines(self, x0: int, x1: int, y0: Ints, y1: Ints, roles: Ints, *, sparse: bool = False) -> None:
        """Straight lines from (x0, y0[i]) to (x1, y1[i]) in their order; `sparse` ones leave columns out."""
        if not len(y0) or x1 < x0:
            return
        _, last = np.unique((y0 * (self.high + 1) + y1)[::-1], return_index=True)
        kept = np.sort(len(y0) - 1 - last)  # of lines that lie on each other the one drawn last
        y0, y1, roles = y0[kept], y1[kept], roles[kept]
        samples = x1 - x0 + 1
        if len(kept) <= _EVERY_DOT and not sparse:
            samples = max(samples, int(np.abs(y1 - y0).max()) + 1)
        along = np.linspace(0.0, 1.0, max(samples, 2))
        xs = np.round(x0 + (x1 - x0) * along).astype(np.int64)
        if sparse:
            keep = xs % 3 == 0
            xs, along = xs[keep], along[keep]
        ys = np.round(y0[:, None] + (y1 - y0)[:, None] * along[None, :]).astype(np.int64)
        self.points(
            np.broadcast_to(xs, ys.shape).ravel(), ys.ravel(), np.broadcast_to(roles[:, None], ys.shape).ravel()
        )

    def put(self, column: int, row: int, text: str, role: str) -> None:
        """Letters from a cell on; what is outside is left out."""
        for i, letter in enumerate(text):
            if 0 <= column + i < self.width and 0 <= row < self.height:
                self._letters[column + i, row] = (letter, role)

    def rows(self) -> list[list[Part]]:
        blocks = self._dots.reshape(self.height, 4, self.width, 2)
        masks = (blocks * _BITS[None, :, None, :]).sum(axis=(1, 3))
        out: list[list[Part]] = []
        for y in range(self.height):
            runs: list[Part] = []
            for x, (mask, owner) in enumerate(zip(masks[y].tolist(), self._owner[y].tolist(), strict=True)):
                text, role = self._letters.get((x, y)) or (
                    (chr(0x2800 + mask), self._roles[owner]) if mask else (" ", "")
                )
                if runs and runs[-1][1] == role:
                    runs[-1] = (runs[-1][0] + text, role)
                else:
                    runs.append((text, role))
            out.append(runs)
        return out
