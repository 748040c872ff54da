"""textual-serve with a gate before it, a page that asks nothing of other hosts, and addresses that survive a tunnel."""

from __future__ import annotations

import asyncio
import shlex
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from aiohttp.web_runner import GracefulExit
from textual_serve.server import Server

from agent.serve.gate import gate, guard_answer
from trainers.errors import TunewrightError

HOST = "127.0.0.1"
_HERE = Path(__file__).parent


class AppServer(Server):
    """One app process a browser window. `command` is what each runs; `begun` is called once it can be reached."""

    def __init__(self, command: list[str], token: str, title: str, begun: Callable[[], None]) -> None:
        super().__init__(shlex.join(command), host=HOST, title=title)
        self._gate, self._begun = gate(token), begun
        self._page = (_HERE / "page.html").read_text(encoding="utf-8").replace("{title}", _escaped(title))

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/page.js", self._script),
                web.get("/ws", self.handle_websocket),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path),
            ]
        )
        app.on_response_prepare.append(guard_answer)
        app.on_startup.append(self.on_startup)
        return app

    async def on_startup(self, app: web.Application) -> None:
        self._begun()

    async def _index(self, request: web.Request) -> web.Response:
        """The page. Its web socket is where the page itself was found: behind `ssh -L` another port than ours."""
        scheme = "wss" if request.headers.get("X-Forwarded-Proto") == "https" else "ws"
        page = self._page.replace("{socket}", f"{scheme}://{_escaped(request.host)}/ws")
        return web.Response(text=page, content_type="text/html")

    async def _script(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(_HERE / "page.js")

    def serve_on(self, listening: socket.socket) -> None:
        """Serves until SIGINT or SIGTERM; app processes end with it, trials do not."""
        loop = asyncio.new_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, _leave)
        web.run_app(
            self._make_app(),
            sock=listening,
            handle_signals=False,
            access_log=None,  # it would hold the token
            print=lambda *_: None,
            loop=loop,
            shutdown_timeout=5.0,
        )


def _leave() -> None:
    raise GracefulExit()


def listen(port: int) -> socket.socket:
    """A socket on loopback. Raises TunewrightError when the port is taken or not ours to take."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        why = error.strerror or str(error)
        raise TunewrightError(f"port {port} cannot be used ({why})", remedy="Give another with --port.") from error
    return listening


def app_command(store: Path, study: str | None) -> list[str]:
    """What a browser window runs: the app on `store`, on `study` if given."""
    words = [sys.executable, "-m", "agent"]
    return [*words, "run", study, "--store", str(store)] if study else [*words, "--store", str(store)]


def _escaped(text: str) -> str:
    from html import escape

    return escape(text, quote=True)
