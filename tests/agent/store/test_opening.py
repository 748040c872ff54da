"""Opening a store: what is ours is checked and brought up to date, what is not is left as it is."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent.store import studies
from agent.store.connection import StoreError, open_store
from agent.store.kind import STORE
from agent.store.schema import APPLICATION_ID, migrations
from tests.agent.stores import fill, toy_store


def content(folder: Path) -> dict[str, str]:
    """Every file in the folder but SQLite's index of its log, which any reader makes anew."""
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.iterdir())
        if p.is_file() and not p.name.endswith("-shm") and not (p.name.endswith("-wal") and p.stat().st_size == 0)
    }


def refused(path: Path) -> str:
    """What is said when the store is opened; nothing in its folder may have changed by it."""
    before = content(path.parent)
    with pytest.raises(StoreError) as caught:
        open_store(path)
    assert content(path.parent) == before
    return str(caught.value)


def test_a_new_store_is_made_with_its_folder_for_its_owner_only(tmp_path):
    path = tmp_path / "a folder" / "with ünïcode ? # %20" / "store.sqlite"
    with open_store(path) as store:
        assert store.one("PRAGMA journal_mode") == {"journal_mode": "wal"}
        assert studies.all_studies(store) == []
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o777 == 0o600
    header = path.read_bytes()[:100]
    assert header.startswith(b"SQLite format 3")
    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID


def test_a_missing_store_is_not_made_unless_asked_for(tmp_path):
    with pytest.raises(StoreError, match="there is no store at"):
        open_store(tmp_path / "none.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / "s.sqlite").touch()
    with open_store(tmp_path / "s.sqlite", create=False) as store:
        fill(store)


def test_a_store_opens_again_and_has_kept_everything(tmp_path):
    path = toy_store(tmp_path / "s.sqlite")
    before = content(tmp_path)
    with open_store(path, create=False) as store:
        assert studies.get(store, "toy").spec.budget.trials == 6
    assert content(tmp_path) == before


# -- what is refused -----------------------------------------------------------------


def test_a_newer_store_is_refused_and_left_alone(tmp_path):
    path = toy_store(tmp_path / "s.sqlite")
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA user_version = 99")
    conn.close()
    said = refused(path)
    assert "the store has schema 99, this version of tunewright knows" in said and "Upgrade tunewright" in said
    with pytest.raises(StoreError, match="schema 99"):
        open_store(path, check=False)


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "places.sqlite"
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE bookmarks (url TEXT)")
    conn.commit()
    conn.close()
    assert "not a Tunewright store" in refused(path)


@pytest.mark.parametrize("size", [100, 4096, 5000, 20_000, 50_000])
def test_a_truncated_store_is_refused_and_left_alone(tmp_path, size):
    path = toy_store(tmp_path / "s.sqlite")
    assert path.stat().st_size > size
    os.truncate(path, size)
    said = refused(path)
    assert "the store is damaged" in said and ".recover" in said


@pytest.mark.parametrize(
    "garbage", [b"not a database at all\n" * 300, b"\0" * 8192, os.urandom(8192), b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_garbage_is_refused_and_left_alone(tmp_path, garbage):
    path = tmp_path / "s.sqlite"
    path.write_bytes(garbage)
    assert "damaged" in refused(path) or "not a Tunewright store" in refused(path)


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_in_its_structure_are_noticed_before_anything_is_written(tmp_path, seed):
    """Eight bytes at the head of a page, where SQLite keeps how it is laid out."""
    rng = random.Random(seed)
    path = toy_store(tmp_path / "s.sqlite")
    data = bytearray(path.read_bytes())
    page = rng.randrange(1, len(data) // 4096)
    for i in range(8):
        data[page * 4096 + i] ^= rng.randrange(1, 256)
    path.write_bytes(data)
    assert "damaged" in refused(path)


def test_a_damaged_store_whose_writer_was_killed_keeps_its_log_unwritten(tmp_path):
    """SQLite writes the log into the file when the last connection closes: not into a damaged one."""
    path = toy_store(tmp_path / "s.sqlite")
    code = f"""if True:
        import os, signal
        from agent.store import settings
        from agent.store.connection import open_store
        store = open_store({str(path)!r})
        settings.put(store, "a", "b", "c" * 9000)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", code], check=False)
    assert path.with_name("s.sqlite-wal").stat().st_size > 9000
    data = bytearray(path.read_bytes())
    data[5 * 4096 : 5 * 4096 + 8] = b"\xff" * 8
    path.write_bytes(data)
    assert "damaged" in refused(path)
    assert path.with_name("s.sqlite-wal").stat().st_size > 9000


def test_a_folder_is_no_store(tmp_path):
    (tmp_path / "folder").mkdir()
    assert "this is not a file" in refused(tmp_path / "folder")


def test_a_link_to_nowhere_is_no_store(tmp_path):
    (tmp_path / "s.sqlite").symlink_to(tmp_path / "gone")
    assert "this is not a file" in refused(tmp_path / "s.sqlite")


def test_a_place_where_nothing_can_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot make the store"):
        open_store(tmp_path / "file" / "s.sqlite")


@pytest.fixture
def read_only(tmp_path):
    """A store in a folder that nobody may write, not even root where a file system can be made so."""
    place = tmp_path / "place"
    place.mkdir()
    toy_store(place / "s.sqlite")
    mounted = False
    if os.geteuid() == 0:
        bind = ["mount", "--bind", str(place), str(place)]
        mounted = not subprocess.run(bind, capture_output=True, check=False).returncode
        remount = ["mount", "-o", "remount,ro,bind", str(place)]
        if not mounted or subprocess.run(remount, capture_output=True, check=False).returncode:
            pytest.skip("root may write everywhere, and may not mount here")
    else:
        place.chmod(0o500)
    yield place
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)
    else:
        place.chmod(0o700)


def test_a_read_only_folder_is_said_and_what_to_do(read_only):
    with pytest.raises(StoreError, match="read-only") as caught:
        open_store(read_only / "s.sqlite")
    assert "--store" in str(caught.value)
    with pytest.raises(StoreError, match="cannot make the store"):
        open_store(read_only / "new.sqlite")


# -- several at once, and kills --------------------------------------------------------

_OPENER = """
import sys, time
from agent.store.connection import open_store
while time.time() < float(sys.argv[2]):
    pass
with open_store(sys.argv[1]) as store:
    print(store.one("SELECT count(*) AS n FROM study")["n"], store.one("PRAGMA user_version")["user_version"])
"""


def test_programs_that_open_a_new_store_at_once_make_one(tmp_path):
    for n in range(2):
        start = str(time.time() + 1.5)
        command = [sys.executable, "-c", _OPENER, str(tmp_path / f"{n}.sqlite"), start]
        openers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(5)]
        answers = {opener.communicate(timeout=60)[0] for opener in openers}
        assert answers == {f"0 {len(migrations.pending(_nothing()))}\n"}


def _nothing():
    from sqlite_utils import Database

    return Database(memory=True)


_MAKER = """
import sys
from agent.store.connection import open_store
print(flush=True)
open_store(sys.stdin.readline().strip())
"""


def test_a_store_whose_maker_was_killed_at_any_moment_opens(tmp_path):
    rng = random.Random(0)
    for n in range(8):
        path = tmp_path / f"{n}.sqlite"
        maker = subprocess.Popen(
            [sys.executable, "-c", _MAKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        maker.stdout.readline()
        maker.stdin.write(f"{path}\n")
        maker.stdin.flush()
        time.sleep(rng.random() * 0.08)
        maker.kill()
        maker.wait()
        with open_store(path) as store:
            fill(store)


# -- migrations ------------------------------------------------------------------------


def test_an_older_store_is_backed_up_and_brought_up_to_date(tmp_path):
    path = toy_store(tmp_path / "s.sqlite")
    before = sqlite3.connect(path).execute("PRAGMA user_version").fetchone()[0]
    with open_store(path, kind=with_colours()) as store:
        assert store.one("SELECT name FROM colour") == {"name": "green"}
        assert store.one("PRAGMA user_version") == {"user_version": before + 1}
        assert len(store.query("SELECT * FROM trial")) == 7
    (backup,) = [p for p in tmp_path.iterdir() if p.name.endswith(".bak")]
    assert backup.name.startswith(f"s.sqlite.v{before}-")
    assert backup.stat().st_mode & 0o777 == 0o600
    with open_store(backup) as old:
        assert len(old.query("SELECT * FROM trial")) == 7
    assert "schema" in refused(path)  # by the version before


def with_colours(fault=None):
    """The store as a later version will have it."""
    from copy import deepcopy

    later = deepcopy(migrations)

    @later()
    def m999_colours(db):
        db.execute("CREATE TABLE colour (id INTEGER PRIMARY KEY, name TEXT)")
        if fault:
            raise fault
        db.execute("INSERT INTO colour (name) VALUES ('green')")

    return replace(STORE, migrations=later)


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path):
    path = toy_store(tmp_path / "s.sqlite")
    before = content(tmp_path)["s.sqlite"]
    with pytest.raises(RuntimeError, match="half way"):
        open_store(path, kind=with_colours(RuntimeError("half way")))
    assert content(tmp_path)["s.sqlite"] == before
    assert [p for p in tmp_path.iterdir() if p.name.endswith(".bak")]
    with open_store(path) as store:
        assert store.query("SELECT name FROM sqlite_master WHERE name = 'colour'") == []


_UPGRADER = """
import sys, time
from agent.store.connection import open_store
from tests.agent.store.test_opening import with_colours
while time.time() < float(sys.argv[2]):
    pass
with open_store(sys.argv[1], kind=with_colours()) as store:
    print(len(store.query("SELECT name FROM colour")))
"""


def test_programs_that_upgrade_a_store_at_once_upgrade_it_once_with_one_backup(tmp_path):
    path = toy_store(tmp_path / "s.sqlite")
    command = [sys.executable, "-c", _UPGRADER, str(path), str(time.time() + 2.5)]
    upgraders = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {upgrader.communicate(timeout=60)[0] for upgrader in upgraders} == {"1\n"}
    assert len([p for p in tmp_path.iterdir() if p.name.endswith(".bak")]) == 1
