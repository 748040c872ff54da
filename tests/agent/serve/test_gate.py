"""Nobody without the token, no other site's page and no other machine gets to the app."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.serve.serving import Served, served
from tests.agent.terminals import tunewright

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as found:
        yield found


async def get(url: str, **options: object) -> tuple[int, str, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(url, **options) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


@pytest.mark.parametrize("path", ["", "static/js/textual.js", "ws", "download/x", "?token=", "?token=wrong"])
async def test_without_the_token_there_is_nothing(server: Served, path: str) -> None:
    status, said, _ = await get(server.bare + path)
    assert status == 403
    assert "needs the token" in said and server.token not in said


async def test_the_token_becomes_a_cookie_and_leaves_the_address(server: Served) -> None:
    async with aiohttp.ClientSession() as session, session.get(server.url, allow_redirects=False) as answer:
        assert answer.status == 302 and answer.headers["Location"] == "/"
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    async with aiohttp.ClientSession() as session, session.get(server.url) as answer:
        page = await answer.text()
        assert answer.status == 200 and f"ws://localhost:{server.port}/ws" in page
        assert server.token not in page
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "http://" not in page.replace("http://localhost", "") and "https://" not in page


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1", "evil.example:80", ""])
async def test_a_name_that_was_made_to_point_here_is_refused(server: Served, host: str) -> None:
    status, said, _ = await get(server.url, headers={"Host": host})
    assert status in (400, 403)
    assert server.token not in said


async def test_a_page_of_another_site_cannot_open_the_socket(server: Served) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        await session.get(server.url)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(server.bare + "ws", headers={"Origin": "http://evil.example"})
        assert refused.value.status == 403
        socket_of_ours = await session.ws_connect(server.bare + "ws", headers={"Origin": server.bare.rstrip("/")})
        assert (await socket_of_ours.receive(timeout=60)).data
        await socket_of_ours.close()


async def test_behind_a_tunnel_the_page_speaks_to_where_it_was_found(server: Served) -> None:
    async with aiohttp.ClientSession() as session:
        await session.get(server.url)
        async with session.get(server.bare, headers={"Host": "localhost:9123"}) as answer:
            assert "ws://localhost:9123/ws" in await answer.text()


def test_it_listens_on_this_machine_alone(server: Served) -> None:
    elsewhere = [info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    for address in {a for a in elsewhere if not a.startswith("127.")}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, server.port), timeout=5)


def test_the_token_is_in_no_list_of_processes(server: Served) -> None:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "agent serve" in listed and server.token not in listed


class TestRequestsThatAreWrong:
    def test_a_port_that_is_taken(self, tmp_path: Path, server: Served) -> None:
        done = tunewright("serve", "--port", str(server.port), cwd=tmp_path)
        assert done.returncode == 2 and f"port {server.port} cannot be used (Address already in use)" in done.stderr

    def test_no_port_at_all(self, tmp_path: Path) -> None:
        done = tunewright("serve", "--port", "70000", cwd=tmp_path)
        assert done.returncode == 2 and "Ports end at 65535" in done.stderr

    def test_a_study_that_is_not_there(self, tmp_path: Path, store_of_one_study: Path) -> None:
        done = tunewright("serve", "nosuch", "--port", "0", cwd=store_of_one_study)
        assert done.returncode == 2 and "nosuch" in done.stderr

    @pytest.mark.parametrize("token", ["short", "with spaces in it and long", "ünïcödé-and-long-enough"])
    def test_a_token_that_is_none(self, tmp_path: Path, token: str) -> None:
        done = tunewright("serve", "--port", "0", cwd=tmp_path, env={"TUNEWRIGHT_SERVE_TOKEN": token})
        assert done.returncode == 2 and "16 or more letters" in done.stderr and token not in done.stderr


def test_a_token_of_ones_own_is_kept(tmp_path: Path) -> None:
    with served(tmp_path, TUNEWRIGHT_SERVE_TOKEN="my-own-token-0123") as server:
        assert server.token == "my-own-token-0123"
