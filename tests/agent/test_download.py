"""Downloading against a real server that misbehaves in every way it knows: the whole file is there, or nothing is."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent import cli, download
from agent.commands import data_ett as data
from tests.agent.schemas import checked
from trainers.informer.ett import DataFile

CONTENT = {name: (name * 20_000).encode() for name in ("ETTh1.csv", "ETTh2.csv")}
FILES = {name: DataFile(name, len(held), hashlib.sha256(held).hexdigest()) for name, held in CONTENT.items()}


class Server(ThreadingHTTPServer):
    """Answers the first requests for a file with `faults`, one after the other, and then rightly."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.over = threading.Event()
        self.address = f"http://127.0.0.1:{self.server_address[1]}/ETT-small"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        held = CONTENT[self.path.rpartition("/")[2]]
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault.isdigit():
            self.send_error(int(fault))
        elif fault == "junk":
            self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        elif fault == "silent":
            self.server.over.wait(30)
        elif fault == "moved":
            self.send_response(302)
            self.send_header("Location", self.path.replace("ETT-small", "elsewhere"))
            self.end_headers()
        else:
            self._send(fault, held)

    def _send(self, fault: str, held: bytes) -> None:
        sent = {"another": held[::-1], "page": b"<html>log in</html>", "long": held * 50, "none": b""}.get(fault, held)
        self.send_response(200)
        if fault != "no length":
            self.send_header("Content-Length", str(len(held) if fault in ("cut", "hang", "none") else len(sent)))
        self.end_headers()
        try:
            self.wfile.write(sent[: len(sent) // 2] if fault in ("cut", "hang") else sent)
            self.wfile.flush()
        except ConnectionError:
            pass  # the client has had enough
        if fault == "hang":
            self.server.over.wait(30)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.over.set()
        made.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files of our own, no long waits, and a data folder that is nobody's."""
    monkeypatch.setattr(data, "FILES", FILES)
    monkeypatch.setattr(download, "TIMEOUT", 0.4)
    monkeypatch.setattr(download, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def fetch(server: Server, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, what stands on stdout, and stderr."""
    code = cli.main(["data", "ett", "--from", server.address, "--json", *more])
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def lying(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_both_files_come_to_the_data_folder(server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, answer, _ = fetch(server, capsys)
    folder = tmp_path / "share/tunewright/ett"
    assert code == 0
    assert checked(json.dumps(answer), "data")["folder"] == str(folder)
    assert [(Path(file["path"]).name, file["fetched"]) for file in answer["files"]] == [
        ("ETTh1.csv", True),
        ("ETTh2.csv", True),
    ]
    assert lying(folder) == CONTENT
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o644"}


def test_what_is_there_is_not_fetched_again(server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/ETTh1.csv").write_bytes(CONTENT["ETTh1.csv"])
    code, answer, _ = fetch(server, capsys, "--to", str(tmp_path / "here"))
    assert (code, [file["fetched"] for file in answer["files"]]) == (0, [False, True])
    assert server.asked == ["/ETT-small/ETTh2.csv"]
    fetch(server, capsys, "--to", str(tmp_path / "here"))
    assert len(server.asked) == 1


def test_another_file_of_that_name_is_left_alone(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "ETTh2.csv").write_text("mine")
    code, answer, _ = fetch(server, capsys, "--to", str(tmp_path))
    assert (code, answer["error"]["what"]) == (2, "there is another file of that name")
    assert ((tmp_path / "ETTh2.csv").read_text(), server.asked) == ("mine", [])


@pytest.mark.parametrize("fault", ["500", "503", "429", "cut", "hang", "silent", "junk", "none"])
def test_what_may_pass_is_tried_again(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path, fault: str
) -> None:
    server.faults = [fault, fault]
    code, _, _ = fetch(server, capsys, "--to", str(tmp_path / "here"))
    assert (code, lying(tmp_path / "here")) == (0, CONTENT)


@pytest.mark.parametrize("fault", ["moved", "no length"])
def test_what_is_no_fault_is_taken(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path, fault: str
) -> None:
    server.faults = [fault]
    assert (fetch(server, capsys, "--to", str(tmp_path / "here"))[0], lying(tmp_path / "here")) == (0, CONTENT)


@pytest.mark.parametrize(
    ("fault", "asked", "what"),
    [
        ("404", 1, "the server answers 404 Not Found"),
        ("403", 1, "the server answers 403 Forbidden"),
        ("500", 3, "the server answers 500 Internal Server Error"),
        ("cut", 3, "only 90,000 of 180,000 bytes came"),
        ("hang", 3, "the server sent nothing for 0.4 seconds"),
        ("silent", 3, "the server sent nothing for 0.4 seconds"),
        ("junk", 3, "no answer (SSH-2.0-OpenSSH_9.6"),
        ("page", 3, "only 19 of 180,000 bytes came"),
        ("another", 1, "this is not the published file: its checksum is another"),
        ("long", 1, "this is not the published file: more than 180,000 bytes came"),
    ],
)
def test_what_does_not_pass_is_told_and_leaves_nothing(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path, fault: str, asked: int, what: str
) -> None:
    server.faults = [fault] * 9
    code, answer, _ = fetch(server, capsys, "--to", str(tmp_path / "here"))
    assert (code, len(server.asked)) == (1, asked)
    assert answer["error"]["what"].startswith(what)
    assert answer["error"]["where"] == f"{server.address}/ETTh1.csv"
    assert answer["error"]["remedy"].endswith(
        f"Or put ETTh1.csv into {tmp_path}/here yourself, or name a mirror with --from."
    )
    assert lying(tmp_path / "here") == {}


def test_the_file_that_came_stays_when_the_next_does_not(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    server.faults = ["", "404"]
    assert fetch(server, capsys, "--to", str(tmp_path / "here"))[0] == 1
    assert lying(tmp_path / "here") == {"ETTh1.csv": CONTENT["ETTh1.csv"]}


def test_without_a_network_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    assert cli.main(["data", "ett", "--from", address, "--to", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert f"{address}/ETTh1.csv: no answer (Connection refused). Check the connection" in said
    assert cli.main(["data", "ett", "--from", "http://nowhere.invalid", "--to", str(tmp_path)]) == 1
    assert "http://nowhere.invalid/ETTh1.csv: no answer (" in capsys.readouterr().err
    assert cli.main(["data", "ett", "--from", "ftp://nowhere.invalid", "--to", str(tmp_path)]) == 2
    assert "this is no web address" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    code, answer, _ = fetch(server, capsys, "--to", str(tmp_path / "file"))
    assert (code, "it cannot be written" in answer["error"]["what"]) == (1, True)


def test_killed_on_the_way_it_leaves_no_file_of_that_name(server: Server, tmp_path: Path) -> None:
    server.faults = ["hang"]
    words = [sys.executable, "-m", "agent", "data", "ett", "--from", server.address, "--to", str(tmp_path / "here")]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        ends = time.monotonic() + 60
        while not server.asked and time.monotonic() < ends:
            time.sleep(0.02)
        process.kill()
    assert server.asked
    assert "ETTh1.csv" not in lying(tmp_path / "here")


def test_a_person_is_told_where_the_files_are(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["data", "ett", "--from", server.address, "--to", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{tmp_path}/ETTh1.csv: fetched." in said.err
    assert f"TUNEWRIGHT_ETT={tmp_path}" in said.err


def test_another_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["data", "etth"]) == 2
    assert "there is no kind of data 'etth'. Did you mean 'ett'?" in capsys.readouterr().err
