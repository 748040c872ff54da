"""Downloads a published file: the whole of it, checked, or nothing."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from trainers.errors import TunewrightError

TIMEOUT = 30.0  # seconds without a byte
PAUSES = (0.0, 1.0, 4.0)  # seconds before each attempt
_CHUNK = 1 << 16
_LATER = (408, 425, 429, 500, 502, 503, 504)  # answers that may be others in a moment
_NO_ANSWER = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)


class DownloadError(TunewrightError):
    """A file that could not be had. `again` says whether it is worth asking again."""

    exit_code = 1

    def __init__(self, what: str, *, where: str, remedy: str = "", again: bool = False) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.again = again


def download(url: str, to: Path, *, size: int, sha256: str, told: Callable[[int], None] = lambda _: None) -> None:
    """Puts the file of `size` bytes and that SHA-256 at `to`, which appears whole or not at all.

    `told` is called with the bytes that have come so far. Raises DownloadError.
    """
    if not url.startswith(("https://", "http://")):
        raise TunewrightError("this is no web address", where=url, remedy="It begins with https:// or http://.")
    for attempt, pause in enumerate(PAUSES, start=1):
        time.sleep(pause)
        try:
            with _beside(to) as part:
                _fetch(url, part, size, sha256, told)
            return
        except DownloadError as error:
            if not error.again or attempt == len(PAUSES):
                raise


@contextlib.contextmanager
def _beside(to: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `to` when all went well, and is gone otherwise."""
    part = None
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{to.name}.", suffix=".part", dir=to.parent)
        part = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)  # as a file that any program writes: mkstemp's is the owner's alone
        part.replace(to)
    except OSError as error:
        what = f"it cannot be written ({error.strerror or error})"
        raise DownloadError(what, where=str(to), remedy="Make room, or name another folder with --to.") from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _fetch(url: str, file: IO[bytes], size: int, sha256: str, told: Callable[[int], None]) -> None:
    digest, came = hashlib.sha256(), 0
    for chunk in _chunks(url):
        came += len(chunk)
        if came > size:
            break
        digest.update(chunk)
        file.write(chunk)
        told(came)
    if came < size:
        raise DownloadError(f"only {came:,} of {size:,} bytes came", where=url, again=True, remedy="Try again later.")
    if came > size or digest.hexdigest() != sha256:
        what = f"more than {size:,} bytes came" if came > size else "its checksum is another"
        raise DownloadError(
            f"this is not the published file: {what}",
            where=url,
            remedy="Look at the address in a browser: a proxy or a login page may have answered.",
        )


def _chunks(url: str) -> Iterator[bytes]:
    """What the address answers. Raises DownloadError where it does not, or not with a file."""
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "tunewright"})  # noqa: S310 – http(s), see download
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            while chunk := answer.read(_CHUNK):
                yield chunk
    except urllib.error.HTTPError as error:
        remedy = "Try again later." if error.code in _LATER else "Check the address."
        what = f"the server answers {error.code} {error.reason}".rstrip()
        raise DownloadError(what, where=url, remedy=remedy, again=error.code in _LATER) from None
    except http.client.IncompleteRead:
        return  # what came is counted by who asked
    except _NO_ANSWER as error:
        remedy = "Check the connection; a proxy is taken from https_proxy."
        raise DownloadError(_why(error), where=url, remedy=remedy, again=True) from None


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return f"the server sent nothing for {TIMEOUT:g} seconds"
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"no answer ({text})"
