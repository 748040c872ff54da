"""The tables of store.sqlite, as migrations. Append; never edit one that has shipped.

Points keep one row a value, so that anything can be asked of them in SQL. SQLite stores nan as
NULL, so a NULL `point.value` is nan; infinities are stored as themselves.
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID = 0x54554E57  # "TUNW", in the file's header: this SQLite file is ours

migrations = Migrations("tunewright")

_SPINE = """
CREATE TABLE study (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    spec TEXT NOT NULL,
    folder TEXT NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE proposal (
    id INTEGER PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES study(id),
    number INTEGER NOT NULL,
    source TEXT NOT NULL,
    params TEXT NOT NULL,
    config_key TEXT NOT NULL,
    state TEXT NOT NULL,
    rationale TEXT NOT NULL DEFAULT '',
    evidence TEXT NOT NULL DEFAULT '[]',
    expected_low REAL,
    expected_high REAL,
    expected_seconds REAL,
    confidence REAL,
    created REAL NOT NULL,
    UNIQUE (study_id, number)
);
CREATE INDEX proposal_pending ON proposal (study_id) WHERE state = 'pending';
CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    proposal_id INTEGER NOT NULL UNIQUE REFERENCES proposal(id),
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    clause TEXT NOT NULL DEFAULT '',
    params TEXT,
    reason TEXT NOT NULL DEFAULT '',
    at REAL NOT NULL
);
CREATE TABLE trial (
    id INTEGER PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES study(id),
    number INTEGER NOT NULL,
    proposal_id INTEGER NOT NULL UNIQUE REFERENCES proposal(id),
    source TEXT NOT NULL,
    params TEXT NOT NULL,
    config_key TEXT NOT NULL,
    seed INTEGER NOT NULL,
    state TEXT NOT NULL,
    value REAL,
    last_value REAL,
    last_step INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    queued_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    stop_requested TEXT,
    cut_short INTEGER NOT NULL DEFAULT 0,
    failure TEXT,
    UNIQUE (study_id, number)
);
CREATE INDEX trial_open ON trial (state) WHERE state IN ('queued', 'running');
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    trial_id INTEGER NOT NULL REFERENCES trial(id),
    number INTEGER NOT NULL,
    run_dir TEXT NOT NULL,
    state TEXT NOT NULL,
    job TEXT NOT NULL DEFAULT '{}',
    offset INTEGER NOT NULL DEFAULT 0,
    launched_at REAL NOT NULL,
    ended_at REAL,
    outcome TEXT,
    UNIQUE (trial_id, number)
);
CREATE INDEX attempt_open ON attempt (state) WHERE state != 'ended';
CREATE TABLE metric (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE point (
    id INTEGER PRIMARY KEY,
    attempt_id INTEGER NOT NULL,
    metric_id INTEGER NOT NULL,
    step INTEGER NOT NULL,
    value REAL,
    at REAL NOT NULL
);
CREATE INDEX point_curve ON point (attempt_id, metric_id);
CREATE TABLE diagnosis (
    trial_id INTEGER PRIMARY KEY REFERENCES trial(id),
    verdict TEXT NOT NULL,
    body TEXT NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES study(id),
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    trial_id INTEGER,
    proposal_id INTEGER,
    data TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX event_study ON event (study_id, id);
CREATE TABLE setting (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (scope, key)
);
"""


@migrations()
def m001_spine(db: Database) -> None:
    """Studies, proposals, decisions, trials, attempts, points, diagnoses, events, settings."""
    for statement in _SPINE.split(";"):
        if statement.strip():
            db.execute(statement)


_AGENT = """
CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    study_id INTEGER REFERENCES study(id),
    at REAL NOT NULL,
    purpose TEXT NOT NULL,
    model TEXT NOT NULL,
    template TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT '',
    messages TEXT NOT NULL,
    reply TEXT NOT NULL DEFAULT '',
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    cost REAL,
    seconds REAL,
    first_token_seconds REAL,
    extra TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX call_study ON call (study_id, at, state, cost, prompt_tokens, completion_tokens);
CREATE TABLE turn (
    id INTEGER PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES study(id),
    at REAL NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    model TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    writer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX turn_study ON turn (study_id, id);
CREATE TABLE action (
    id INTEGER PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES study(id),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    created REAL NOT NULL,
    decided_at REAL,
    UNIQUE (study_id, number)
);
CREATE INDEX action_pending ON action (study_id) WHERE state = 'pending';
CREATE TABLE narrative (
    trial_id INTEGER PRIMARY KEY REFERENCES trial(id),
    body TEXT NOT NULL,
    created REAL NOT NULL
);
ALTER TABLE proposal ADD COLUMN call_id INTEGER REFERENCES call(id);
ALTER TABLE proposal ADD COLUMN insight TEXT NOT NULL DEFAULT '{}';
"""


@migrations()
def m002_agent(db: Database) -> None:
    """What models were asked and said; the chat; what the agent asks for; explanations."""
    for statement in _AGENT.split(";"):
        if statement.strip():
            db.execute(statement)


_RESOURCES = """
ALTER TABLE trial ADD COLUMN accumulation INTEGER NOT NULL DEFAULT 1;
ALTER TABLE trial ADD COLUMN cpu_seconds REAL;
ALTER TABLE trial ADD COLUMN device_seconds REAL;
ALTER TABLE trial ADD COLUMN peak_host_bytes INTEGER;
ALTER TABLE trial ADD COLUMN peak_device_bytes INTEGER
"""


@migrations()
def m003_resources(db: Database) -> None:
    """What trials took, and in how many micro-batches they work through a batch."""
    for statement in _RESOURCES.split(";"):
        db.execute(statement)


@migrations()
def m004_repeats(db: Database) -> None:
    """A proposal may make several trials, one a seed: `proposal.seeds` is how many, NULL as many as its study wants."""
    [sql] = db.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'trial'").fetchone()
    made = sql.replace("trial", "trial_new", 1).replace("UNIQUE REFERENCES proposal", "REFERENCES proposal")
    columns = ", ".join(row[1] for row in db.execute("PRAGMA table_info(trial)").fetchall())
    db.execute(made)
    db.execute(f"INSERT INTO trial_new ({columns}) SELECT {columns} FROM trial")
    db.execute("DROP TABLE trial")
    db.execute("ALTER TABLE trial_new RENAME TO trial")
    db.execute("CREATE INDEX trial_open ON trial (state) WHERE state IN ('queued', 'running')")
    db.execute("CREATE INDEX trial_proposal ON trial (proposal_id)")
    db.execute("CREATE INDEX trial_config ON trial (study_id, config_key)")
    db.execute("ALTER TABLE proposal ADD COLUMN seeds INTEGER")


_PRUNING = """
ALTER TABLE trial ADD COLUMN planned_steps INTEGER;
ALTER TABLE trial ADD COLUMN estimate REAL;
ALTER TABLE trial ADD COLUMN pruning INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trial ADD COLUMN kept INTEGER NOT NULL DEFAULT 0
"""


@migrations()
def m005_pruning(db: Database) -> None:
    """How long a trial plans to be, that its stop is a pruning, what it would have come to, that it is to run on."""
    for statement in _PRUNING.split(";"):
        db.execute(statement)
