"""The JSON documents of the command line as JSON Schemas. Fields may be added; none of these may go."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

Schema = dict[str, Any]

NUMBER: Schema = {"type": ["number", "null"]}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
STATES = ("queued", "running", "completed", "failed", "pruned", "stopped")


def obj(**fields: Schema) -> Schema:
    return {"type": "object", "required": list(fields), "properties": fields}


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, schema]}


PARAMS: Schema = {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean", "null"]}}
COUNTS = obj(**dict.fromkeys(STATES, COUNT))
MEAN = {"seeds": COUNT, "mean": NUMBER, "deviation": NUMBER}  # of all runs of a config
NOISE = obj(deviation=NUMBER, limit=NUMBER, is_bound=FLAG, source=TEXT, freedom=COUNT)
BEST = maybe(obj(number=COUNT, value={"type": "number"}, params=PARAMS, **MEAN))
OBJECTIVE = obj(metric=TEXT, direction={"enum": ["minimize", "maximize"]})
FAILURE = maybe(obj(kind=TEXT, message=TEXT, exit_code={"type": ["integer", "null"]}, transient={"type": "boolean"}))
TRIAL = obj(
    number=COUNT,
    state={"enum": list(STATES)},
    source=TEXT,
    params=PARAMS,
    value=NUMBER,
    steps={"type": ["integer", "null"]},
    seconds=NUMBER,
    failure=FAILURE,
    **MEAN,
)
PROPOSAL = obj(number=COUNT, source=TEXT, params=PARAMS, state=TEXT, rationale=TEXT)
SUGGESTION = maybe(obj(params=maybe(PARAMS), reason=TEXT))
EVIDENCE = obj(kind=TEXT, text=TEXT)
NARRATIVE = obj(
    text=TEXT,
    claims=array(obj(text=TEXT, evidence=array(EVIDENCE))),
    dropped=COUNT,
    model=TEXT,
    suggestion=SUGGESTION,
)
PROBLEM = obj(level={"enum": ["error", "warning"]}, what=TEXT, where=TEXT, remedy=TEXT)

QUANTILES = obj(median=NUMBER, p95=NUMBER)
TOKENS: Schema = {"type": ["integer", "null"], "minimum": 0}
USED = {
    **dict.fromkeys(("calls", "failed", "uncounted", "unpriced"), COUNT),
    "prompt_tokens": TOKENS,
    "completion_tokens": TOKENS,
    "money": NUMBER,
    "seconds": QUANTILES,
    "first_token_seconds": QUANTILES,
}
SCHEMAS: dict[str, Schema] = {
    "error": obj(error=obj(what=TEXT, where=TEXT, remedy=TEXT)),
    "run": obj(
        study=TEXT,
        state={"enum": ["finished", "waiting", "interrupted", "left"]},
        reason=TEXT,
        trials=COUNTS,
        best=BEST,
        advice=TEXT,
    ),
    "repl": obj(study=TEXT, state=TEXT, reason=TEXT, trials=COUNTS, best=BEST, advice=TEXT),
    "list": obj(
        studies=array(
            obj(
                name=TEXT,
                trainer=TEXT,
                task=TEXT,
                objective=OBJECTIVE,
                counts=COUNTS,
                best=BEST,
                archived={"type": "boolean"},
                pending=COUNT,
                money=NUMBER,
                busy_seconds=NUMBER,
                changed=NUMBER,
                since_seen=maybe(
                    obj(
                        since=NUMBER,
                        ended=COUNT,
                        failed=COUNT,
                        best_before=maybe(NUMBER),
                        best=maybe(NUMBER),
                    )
                ),
            )
        )
    ),
    "study": obj(study=TEXT, action=TEXT, name=maybe(TEXT)),
    "data": {
        "anyOf": [
            obj(data=TEXT, folder=TEXT, source=TEXT, files=array(obj(path=TEXT, bytes=COUNT, fetched=FLAG))),
            obj(
                data=TEXT,
                path=TEXT,
                samples=COUNT,
                splits=obj(train=COUNT, val=COUNT, test=COUNT),
                labels={"type": "object"},
                thresholds={"type": "object"},
                mended=COUNT,
            ),
        ]
    },
    "show": obj(
        study=TEXT,
        objective=OBJECTIVE,
        space=obj(parameters={"type": "object"}, constraints=array(TEXT)),
        trials=array({"allOf": [TRIAL, obj(rationale=TEXT)]}),
        proposals=array(PROPOSAL),
        counts=COUNTS,
        best=BEST,
        noise=NOISE,
        lead=maybe(TEXT),
    ),
    "confirm": obj(
        study=TEXT,
        confirmed=array(obj(number=COUNT, params=PARAMS, value=NUMBER, values=array(NUMBER), **MEAN)),
        noise=NOISE,
        verdict=maybe(TEXT),
    ),
    "why": obj(
        trial=COUNT,
        verdict=TEXT,
        confidence={"type": "number", "minimum": 0, "maximum": 1},
        explanation=TEXT,
        evidence=array(EVIDENCE),
        suggestion=SUGGESTION,
        healthy={"type": "boolean"},
        narrative=maybe(NARRATIVE),
        origin=obj(
            source=TEXT, rationale=TEXT, expected=maybe(array(NUMBER)), held=maybe(FLAG), insight={"type": "object"}
        ),
    ),
    "samples": obj(
        study=TEXT,
        trial=COUNT,
        note=TEXT,
        asked={"type": ["integer", "null"]},
        wrong={"type": ["integer", "null"]},
        counts={"type": "object", "additionalProperties": COUNT},
        left_out=COUNT,
        samples=array(obj(number=COUNT, kind={"enum": ["text", "series"]}, title=TEXT, note=TEXT, truth={})),
    ),
    "report": obj(study=TEXT, path=TEXT),
    "ask": obj(
        question=TEXT,
        answer=TEXT,
        state={"enum": ["whole", "cut"]},
        citations=array(
            obj(text=TEXT, trial=COUNT, line=maybe(COUNT), metric=maybe(TEXT), step=maybe({"type": "integer"}))
        ),
        cards=array(obj(kind=TEXT, number=COUNT, text=TEXT)),
        model=TEXT,
        cost=NUMBER,
        note=TEXT,
        error=maybe(obj(what=TEXT, where=TEXT, remedy=TEXT)),
    ),
    "lessons": obj(
        action=TEXT,
        path=TEXT,
        lessons=array(
            obj(
                id=COUNT,
                uid=TEXT,
                text=TEXT,
                source={"enum": ["rules", "model", "person", "shipped"]},
                subjects=array(TEXT),
                conditions=obj(trainer=TEXT, task=TEXT, metric=TEXT, parameters={"type": "object"}, when=TEXT),
                claim=maybe(obj(kind=TEXT, parameter=TEXT, low=NUMBER, high=NUMBER)),
                evidence=array(obj(study=TEXT, trials=array(COUNT), effect=TEXT)),
                confidence={"type": "number", "minimum": 0, "maximum": 1},
                trust={"type": "number", "minimum": 0, "maximum": 1},
                citation=TEXT,
                tags=array(TEXT),
                created={"type": "number"},
                edited={"type": "boolean"},
                used=COUNT,
                confirmed=COUNT,
                contradicted=COUNT,
            )
        ),
    ),
    "ledger": obj(
        study=maybe(TEXT),
        **USED,
        by=array(obj(study=TEXT, purpose=TEXT, model=TEXT, **USED)),
        failures={"type": "object"},
        limits=array(obj(limit=TEXT, spent=NUMBER, of=NUMBER, share=NUMBER)),
        calibration=TEXT,
    ),
    "models": obj(
        models=array(obj(model=TEXT, kind={"enum": ["hosted", "server", "file", "built-in"]}, what=TEXT)),
        extras=obj(local={"type": "boolean"}, hf={"type": "boolean"}),
    ),
    "init": obj(
        script=TEXT,
        output=maybe(TEXT),
        study=TEXT,
        command=array(TEXT),
        interpreter=TEXT,
        parameters=array(obj(name=TEXT, type=TEXT, chosen=FLAG, sure=FLAG, style=TEXT, why=TEXT, **{"from": TEXT})),
        constraints=array(TEXT),
        objective=obj(metric=TEXT, direction={"enum": ["minimize", "maximize"]}, sure=FLAG),
        metrics=array(obj(name=TEXT, where=TEXT, direction=TEXT, sure=FLAG, spec={"type": "object"}, seen=COUNT)),
        budget=obj(trials=maybe(COUNT), trial_seconds=maybe(NUMBER)),
        tried=maybe(
            obj(
                seconds=NUMBER,
                ended=FLAG,
                exit_code=maybe(COUNT),
                problem=TEXT,
                steps_per_second=maybe(NUMBER),
                unit=TEXT,
                seconds_per_epoch=maybe(NUMBER),
                full_seconds=maybe(NUMBER),
                peak_memory=maybe(COUNT),
                peak_device_memory=maybe(COUNT),
                wrote=array(TEXT),
            )
        ),
        notes=array(TEXT),
    ),
    "compare": obj(
        study=TEXT,
        objective=OBJECTIVE,
        trials=array(TRIAL),
        differences={"type": "object"},
        noise=NOISE,
        verdicts=array(
            obj(
                first=COUNT,
                second=COUNT,
                better=maybe(COUNT),
                difference=NUMBER,
                beyond=maybe({"type": "boolean"}),
                text=TEXT,
            )
        ),
    ),
    "plot": obj(study=TEXT, path=TEXT, metrics=array(TEXT), trials=array(COUNT)),
    "space": obj(
        study=TEXT,
        space={"type": "object"},
        tried={
            "type": "object",
            "additionalProperties": obj(
                cells=array(COUNT), failed=array(COUNT), below=COUNT, above=COUNT, best=maybe(COUNT)
            ),
        },
        bounds=array(
            obj(
                **{
                    "trial": COUNT,
                    "from": {"type": "object"},
                    "with": {"type": "object"},
                    "figures": TEXT,
                    "text": TEXT,
                }
            )
        ),
        suggestion=obj(changes={"type": "object"}, reason=TEXT),
        changes=array(TEXT),
        effects=array(TEXT),
        expired=array(COUNT),
        saved={"type": "boolean"},
        file=maybe(obj(path=TEXT, differs=array(TEXT), written={"type": "boolean"})),
    ),
    "views": obj(
        study=TEXT,
        view={"enum": ["parallel", "importance", "slices"]},
        objective=OBJECTIVE,
        parameters=array(obj(name=TEXT, share=NUMBER, deviation=NUMBER, effect=TEXT)),
        importance=obj(method=TEXT, trials=COUNT, alone=NUMBER),
        points=array(obj(trial=COUNT, value={"type": "number"}, params=PARAMS)),
        path=maybe(TEXT),
    ),
    "look": obj(
        study=TEXT,
        proposal=COUNT,
        model=TEXT,
        values=array(obj(name=TEXT, value={"type": ["number", "string", "boolean", "null"]}, entropy=NUMBER)),
        attention=maybe(
            obj(
                layers=array(COUNT),
                heads=array(COUNT),
                lines=array(obj(text=TEXT, weight={"type": "number", "minimum": 0, "maximum": 1})),
                by_value={"type": "object", "additionalProperties": array({"type": "number"})},
            )
        ),
    ),
    "stop": obj(study=TEXT, trials=array(obj(number=COUNT, state={"enum": list(STATES)}))),
    "resume": obj(study=TEXT, trial=COUNT, state={"enum": list(STATES)}, from_checkpoint={"type": "boolean"}),
    "export": obj(study=TEXT, format=TEXT, trial={"type": ["integer", "null"]}, path=maybe(TEXT), text=maybe(TEXT)),
    "serve": obj(url=TEXT, port=COUNT, pid=COUNT),
    "doctor": obj(
        python=TEXT,
        platform=TEXT,
        packages={"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        extras={"type": "object"},
        devices=obj(gpus=array(obj(kind=TEXT, index=TEXT, name=TEXT)), cpus=COUNT, memory_bytes=COUNT),
        keys={"type": "object", "additionalProperties": {"type": "boolean"}},
        store=obj(path=TEXT, exists={"type": "boolean"}, sound={"type": ["boolean", "null"]}, disk_free_bytes=COUNT),
        terminal=obj(tty={"type": "boolean"}, columns=COUNT, rows=COUNT, unicode={"type": "boolean"}),
        problems=array(PROBLEM),
    ),
}
SCHEMAS["settings"] = obj(
    settings=array(
        obj(
            name=TEXT,
            value={},
            origin={"enum": ["flag", "environment", "study", "your file", "default"]},
            default={},
            of={"enum": ["person", "study"]},
            about=TEXT,
            choices=array(TEXT),
            environment=TEXT,
            flag=TEXT,
        )
    ),
    file=TEXT,
)
SCHEMAS["demo"] = SCHEMAS["run"]


def checked(text: str, name: str) -> Any:
    """The one strict JSON document in `text`, valid by the schema called `name`."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not strict JSON")

    document = json.loads(text, parse_constant=refuse)
    jsonschema.validate(document, SCHEMAS[name])
    return document
