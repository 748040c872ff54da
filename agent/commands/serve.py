"""Opens the app in a browser on this machine: the same screens, keys and store.

It listens on 127.0.0.1 alone and lets in who has the token in the address it prints. From another machine,
come through SSH: ssh -L 8000:localhost:8000 HOST, then the same address. Each window is an app of its own;
closing one, or ending the server, leaves trials running.
"""

from __future__ import annotations

import argparse
import os
import secrets

from agent.commands.arguments import whole
from agent.plain.output import emit, say
from trainers.errors import TunewrightError

EXAMPLE = "tunewright serve my-study --port 8000"
_TOKEN = "TUNEWRIGHT_SERVE_TOKEN"  # noqa: S105 – the name of a variable


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", nargs="?", help="open this study (default: the list of studies)")
    parser.add_argument("--port", type=whole(0), default=8000, metavar="N", help="0 takes a free one (default: 8000)")
    parser.add_argument("--open", action="store_true", help="open the address in the browser as well")


def run(args: argparse.Namespace) -> int:
    try:
        from agent.serve import gate, server
    except ModuleNotFoundError as error:
        raise TunewrightError(
            f"serving needs the package '{error.name}'", remedy="pip install 'tunewright[web]'."
        ) from error
    if args.study is not None:
        _check_study(args)
    token = gate.check_token(os.environ.get(_TOKEN) or secrets.token_urlsafe(24))
    if args.port > 65535:
        raise TunewrightError(f"there is no port {args.port}", remedy="Ports end at 65535.")
    with server.listen(args.port) as listening:
        port = listening.getsockname()[1]
        url = f"http://localhost:{port}/?token={token}"
        title = f"tunewright: {args.study or args.store}"
        begun = _Begun(url, port, as_json=args.json, browser=args.open)
        server.AppServer(server.app_command(args.store.absolute(), args.study), token, title, begun).serve_on(listening)
    return 0


def _check_study(args: argparse.Namespace) -> None:
    from agent.store import studies
    from agent.store.connection import open_store

    with open_store(args.store, create=False) as store:
        studies.get(store, args.study)


class _Begun:
    """Says where the app is, once it is there."""

    def __init__(self, url: str, port: int, *, as_json: bool, browser: bool) -> None:
        self._url, self._port, self._as_json, self._browser = url, port, as_json, browser

    def __call__(self) -> None:
        if self._as_json:
            emit({"url": self._url, "port": self._port, "pid": os.getpid()})
        else:
            print(self._url, flush=True)
            say("Whoever has this address can use the app. Ctrl-C ends the server; trials run on.")
        if self._browser:
            import webbrowser

            webbrowser.open(self._url)
