"""SQL that can only read: every way out is shut, and nothing takes longer or more than it may."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from agent.chat.readonly import MOST_ROWS, SqlError, query
from agent.store import calls
from agent.store.connection import open_store
from tests.agent.stores import toy_store

FOREVER = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
# A text of 32 kB and a million rows to use it on.
BOMB = (
    "WITH RECURSIVE c(s) AS (SELECT 'aaaaaaaa' UNION ALL SELECT s || s FROM c LIMIT 13),"
    " b(s) AS (SELECT s FROM c ORDER BY length(s) DESC LIMIT 1),"
    " n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000)"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return toy_store(tmp_path / "store.sqlite")


def refused(path: Path, sql: str) -> str:
    with pytest.raises(SqlError) as caught:
        query(path, sql)
    return str(caught.value)


class TestReading:
    def test_rows(self, path: Path) -> None:
        found = query(path, "SELECT number, state, value FROM trial WHERE study_id = 1 ORDER BY number LIMIT 2")
        assert found.text(1_000) == "number | state | value\n0 | completed | 0.5\n1 | completed | 0.25"

    @pytest.mark.parametrize(
        ("sql", "value"),
        [
            ("SELECT params->>'lr' FROM trial WHERE number = 1", 0.002),
            ("SELECT json_extract(params, '$.opt') FROM trial WHERE number = 1", "adam"),
            ("WITH t AS (SELECT * FROM trial) SELECT count(*) FROM t", 7),
            ("SELECT max(value) OVER () FROM trial LIMIT 1", 0.5),
            ("SELECT count(*) FROM trial WHERE state LIKE '%comp%'", 2),
            ("SELECT round(avg(value), 3) FROM trial", 0.375),
            ("SELECT name FROM metric", "loss"),
        ],
    )
    def test_what_is_usual_works(self, path: Path, sql: str, value: object) -> None:
        assert query(path, sql).rows[0][0] == value

    def test_no_rows(self, path: Path) -> None:
        assert query(path, "SELECT number FROM trial WHERE 0").text(100) == "number\n(no rows)"

    def test_what_another_process_has_just_written_is_seen(self, path: Path) -> None:
        with open_store(path) as store:
            with store.transaction() as conn:
                conn.execute("UPDATE trial SET value = 0.125 WHERE number = 1")
            assert query(path, "SELECT value FROM trial WHERE number = 1").rows == ((0.125,),)

    def test_a_path_with_odd_characters(self, tmp_path: Path) -> None:
        (tmp_path / "a?b#c %41").mkdir()
        assert query(toy_store(tmp_path / "a?b#c %41" / "s.sqlite"), "SELECT count(*) FROM study").rows == ((1,),)


class TestWritingIsRefused:
    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM trial",
            "UPDATE proposal SET state = 'approved'",
            "INSERT INTO trial SELECT * FROM trial",
            "WITH x AS (SELECT 1) DELETE FROM trial",
            "REPLACE INTO setting VALUES ('a', 'b', 'c')",
            "CREATE TABLE x (y)",
            "CREATE TEMP TABLE x (y)",
            "CREATE TEMP VIEW x AS SELECT 1",
            "DROP TABLE trial",
            "ALTER TABLE trial ADD COLUMN x",
            "VACUUM",
            "REINDEX",
            "ANALYZE",
            "BEGIN IMMEDIATE",
            "SAVEPOINT x",
            "PRAGMA user_version = 99",
            "PRAGMA journal_mode = DELETE",
            "PRAGMA writable_schema = 1",
            "PRAGMA query_only = 0",
        ],
    )
    def test_and_the_file_is_the_same(self, path: Path, sql: str) -> None:
        before = hashlib.sha256(path.read_bytes()).digest()
        assert refused(path, sql).startswith("the query may not use anything but SELECT.")
        assert hashlib.sha256(path.read_bytes()).digest() == before

    def test_even_without_the_authorizer(self, path: Path) -> None:
        """Two locks: the connection itself is read-only."""
        conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            conn.execute("DELETE FROM trial")
        conn.close()

    def test_two_statements(self, path: Path) -> None:
        assert "one statement at a time" in refused(path, "SELECT 1; DELETE FROM trial")

    @pytest.mark.parametrize("sql", ["", "   ", "-- a comment", "/* another */"])
    def test_none_at_all(self, path: Path, sql: str) -> None:
        assert refused(path, sql) == "there is no query in it. Write one SELECT."


class TestNothingElseIsReached:
    def test_other_files(self, path: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.sqlite"
        sqlite3.connect(other).execute("CREATE TABLE secret (x)").connection.close()
        for sql in (f"ATTACH '{other}' AS o", f"ATTACH 'file:{other}?mode=ro' AS o", "ATTACH ':memory:' AS m"):
            assert "may not use anything but SELECT" in refused(path, sql)
        made = tmp_path / "copy.sqlite"
        assert "may not use anything but SELECT" in refused(path, f"VACUUM INTO '{made}'")
        assert not made.exists()

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT load_extension('x')",
            "SELECT readfile('/etc/passwd')",
            "SELECT writefile('/tmp/x', 'y')",
            "SELECT edit('x')",
            "SELECT fts3_tokenizer('simple')",
            "SELECT sqlite_compileoption_get(1)",
            "SELECT zeroblob(10)",
            "SELECT randomblob(10)",
            "SELECT printf('%.999999999c', 'a')",
            "SELECT format('%.999999999c', 'a')",
        ],
    )
    def test_functions(self, path: Path, sql: str) -> None:
        assert "function" in refused(path, sql)

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT sql FROM sqlite_master",
            "SELECT * FROM sqlite_schema",
            "SELECT value FROM setting",
            "SELECT * FROM (SELECT value FROM setting)",
            "WITH x AS (SELECT value FROM setting) SELECT * FROM x",
            "SELECT (SELECT value FROM setting LIMIT 1)",
            "SELECT number FROM trial WHERE EXISTS (SELECT value FROM setting WHERE value > 'a')",
        ],
    )
    def test_tables(self, path: Path, sql: str) -> None:
        assert "the query may not use table" in refused(path, sql)

    @pytest.mark.parametrize("sql", ["SELECT * FROM pragma_table_info('trial')", "SELECT * FROM dbstat"])
    def test_virtual_tables(self, path: Path, sql: str) -> None:
        assert refused(path, sql)


class TestLimits:
    @pytest.mark.parametrize(
        "sql",
        [
            f"{FOREVER} SELECT sum(n) FROM c",
            f"{FOREVER} SELECT n FROM c ORDER BY n DESC",
            "SELECT count(*) FROM event a, event b, event c, event d, event e, event f, event g, event h, event i",
            f"{BOMB} SELECT sum(instr(s, substr(s, 1, length(s) / 2) || 'b')) FROM b, n",
            f"{BOMB} SELECT sum(length(replace(s, substr(s, 1, length(s) / 2) || 'b', 'x'))) FROM b, n",
            f"{BOMB} SELECT sum(s LIKE '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%ab') FROM b, n",
            f"{BOMB} SELECT s || i AS x FROM b, n ORDER BY x DESC",
        ],
    )
    def test_what_never_ends_is_ended(self, path: Path, sql: str) -> None:
        assert refused(path, sql) == "the query took longer than 2 s. Ask for less."

    @pytest.mark.parametrize(
        "sql",
        [
            "WITH RECURSIVE c(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM c) SELECT length(s) FROM c",
            f"{BOMB} SELECT json_array(s, s, s) FROM b",
            f"{BOMB} SELECT 1 WHERE 'x' LIKE (SELECT s FROM b)",
            "SELECT " + "+".join("1" * 500),
            "SELECT " + ", ".join("1" * 500),
            "SELECT 1 UNION " * 500 + "SELECT 1",
            "SELECT '" + "x" * 20_000 + "'",
        ],
    )
    def test_what_is_too_large_is_refused(self, path: Path, sql: str) -> None:
        assert refused(path, sql).startswith("SQLite refuses the query: ")

    def test_a_flood_of_rows_is_cut(self, path: Path) -> None:
        found = query(path, f"{FOREVER} SELECT n FROM c")
        assert len(found.rows) == MOST_ROWS and found.more
        text = found.text(300)
        assert len(text) < 420 and "of more than 200 rows shown" in text.splitlines()[-1]

    def test_long_values_are_cut_and_count(self, path: Path) -> None:
        few = BOMB.replace("LIMIT 1000000", "LIMIT 100")
        found = query(path, f"{few} SELECT {', '.join('s' * 5)} FROM b, n")
        assert found.more and len(found.rows) < 5
        assert all(len(line) < 1_100 for line in found.text(4_000).splitlines())

    def test_a_value_beyond_the_limit_does_not_hide_the_others(self, path: Path) -> None:
        with open_store(path) as store:
            calls.begin(store, 1, purpose="answer", model="m", template="", messages=[{"x": "z" * 3_000_000}])
        assert query(path, "SELECT id, purpose FROM call").rows == ((1, "answer"),)
        assert "too big" in refused(path, "SELECT messages FROM call")


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT nothing FROM trial", "SELECT ?", "SELECT \0", "SELECT 'é\udc80'"])
def test_nonsense_gets_one_sentence(path: Path, sql: str) -> None:
    said = refused(path, sql)
    assert said and "\n" not in said and "Traceback" not in said


def test_a_store_that_is_gone(tmp_path: Path) -> None:
    assert "SQLite refuses" in refused(tmp_path / "none.sqlite", "SELECT 1")
    assert not os.path.exists(tmp_path / "none.sqlite")
