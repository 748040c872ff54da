"""Puts a picture where it was asked for."""

from __future__ import annotations

from pathlib import Path

from agent.tui.pictures import fonts
from agent.tui.pictures.svg import Svg
from trainers.errors import TunewrightError

ENDINGS = (".png", ".svg")
_ZOOM = 2.0  # dots a pixel, so that a PNG is sharp on a good screen


def write(path: Path, svg: Svg, *, force: bool = False) -> None:
    """Writes `.svg` as it is and `.png` drawn; never over a file that exists unless `force`.

    Raises TunewrightError for another ending, a folder that is not there, a file that exists or cannot be
    written, and where a PNG is wanted on a machine without a font of fixed width.
    """
    from agent.exports.export import place

    check(path)
    data = str(svg).encode() if path.suffix.lower() == ".svg" else png(svg)
    place(path, lambda made: _put(made, data), force=force)


def check(path: Path) -> None:
    """Whether a picture can be written there at all, before one is made."""
    if path.suffix.lower() not in ENDINGS:
        raise TunewrightError(
            f"a picture is a .png or a .svg, not '{path.suffix or path.name}'",
            where=str(path),
            remedy="Give the file one of these endings.",
        )
    if path.is_dir():
        raise TunewrightError("this is a folder", where=str(path), remedy="Name a file in it.")
    if not path.absolute().parent.is_dir():
        raise TunewrightError(
            "there is no such folder", where=str(path.absolute().parent), remedy="Make it, or choose another."
        )


def png(svg: Svg) -> bytes:
    """The picture in dots, twice as many each way as it has pixels."""
    import resvg_py

    font = fonts.monospace()
    if font is None:
        raise TunewrightError(
            "no font of fixed width was found to draw a PNG's letters with; they would be boxes or missing",
            remedy="Save as .svg, or install one (Debian: fonts-dejavu-core).",
        )
    drawn = resvg_py.svg_to_bytes(
        svg_string=str(svg), zoom=_ZOOM, font_files=list(font.files), monospace_family=font.family
    )
    return bytes(drawn)


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)
