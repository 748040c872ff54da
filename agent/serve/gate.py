"""Who may come in: requests for this very machine that carry the token, in the address at first, then in a cookie.

The address alone would be enough to reach a server on loopback from any page a browser has open. So each request must
name a loopback host (a page of another site that lets its name point here, DNS rebinding, cannot), a web socket must
come from a page of ours, and the cookie is sent by no other site's page (SameSite=Strict).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from trainers.errors import TunewrightError

_SHORTEST = 16  # characters of a token a person may choose
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_TURNED_AWAY = "Tunewright: this address needs the token that 'tunewright serve' printed when it started.\n"


def check_token(token: str) -> str:
    """Raises TunewrightError for one that is easily guessed or does not fit into an address."""
    if len(token) < _SHORTEST or not token.isascii() or not token.replace("-", "").replace("_", "").isalnum():
        raise TunewrightError(
            f"the token must be {_SHORTEST} or more letters, digits, '-' and '_'",
            where="TUNEWRIGHT_SERVE_TOKEN",
            remedy="Leave it unset and one is made.",
        )
    return token


def is_loopback(host: str) -> bool:
    """Whether `host`, with or without a port, is a name of this machine for itself."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def gate(token: str) -> Middleware:
    """A middleware that answers 403 to whatever comes without the token."""
    cookie = "tunewright-" + hashlib.sha256(token.encode()).hexdigest()[:8]  # servers on other ports share our cookies

    def known(request: web.Request) -> bool:
        return hmac.compare_digest(request.cookies.get(cookie, "").encode(), token.encode())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_loopback(request.host) or not _from_here(request):
            raise web.HTTPForbidden(text="Tunewright answers only to names of this machine, such as localhost.\n")
        given = request.query.get("token")
        if given is not None and request.path == "/" and hmac.compare_digest(given.encode(), token.encode()):
            answer = web.HTTPFound("/")  # without the token, so that it is on no screen and in no history
            answer.set_cookie(cookie, token, httponly=True, samesite="Strict", path="/")
            raise answer
        if not known(request):
            raise web.HTTPForbidden(text=_TURNED_AWAY)
        return await handler(request)

    return check


def _from_here(request: web.Request) -> bool:
    """Whether a request that says which page it comes from comes from one of ours."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


async def guard_answer(request: web.Request, response: web.StreamResponse) -> None:
    """A signal handler: what every answer tells the browser not to do with it."""
    response.headers.update(_HEADERS)


AnswerGuard = Callable[[web.Request, web.StreamResponse], Awaitable[None]]
