"""The keys of a study file: what each holds and means. Reading, the JSON Schema and the docs' test use this."""

from __future__ import annotations

from typing import Any

from agent.study.key import Key
from agent.study.llambo_spec import ACQUISITIONS, CONTEXTS, MOST_TEMPLATES, STARTS, SURROGATES
from agent.study.policy import PolicyKind
from agent.study.spec import SEARCHES
from agent.study.stopping_spec import RULES
from trainers.parameters import KINDS
from trainers.script.declared import KEYS as METRIC_KEYS

_OBJECTIVE = {
    "metric": Key("text", "The metric to optimise, by the name under which it is reported.", required=True),
    "direction": Key(
        "text", "Whether smaller or larger is better. Default: minimize.", choices=("minimize", "maximize")
    ),
    "at": Key("text", "A trial counts with its best report or its last. Default: best.", choices=("best", "last")),
}
_BUDGET = {
    "trials": Key("integer", "How many trials the study may have.", minimum=1),
    "trial_time": Key("duration", "When a trial is ended and counts with what it has reported."),
    "total": Key("duration", "How long trials may run in all; parallel ones count once."),
    "gpu_hours": Key("number", "GPU hours all trials may use; asks at 80% and 100%.", minimum=0),
}
_POLICY = {
    "kind": Key("text", "What may run without asking.", required=True, choices=tuple(PolicyKind)),
    "trials": Key("integer", "auto-until: asks again once the study has so many trials.", minimum=1),
    "target": Key("number", "auto-until: asks again once a trial has reached this value."),
    "failures": Key(
        "integer", "auto-until: asks again after so many failures in a row; 0: never. Default: 5.", minimum=0
    ),
    "nearness": Key(
        "number", "ask-unless-safe: how near a completed trial is safe, 0 to 1. Default: 0.2.", minimum=0, maximum=1
    ),
}
_STUDY = {
    "name": Key("text", "What the study is called.", required=True),
    "command": Key("words", "The program and its arguments; {name} becomes a parameter's value."),
    "cwd": Key("text", "Where the command runs. Default: the folder of this file."),
    "trainer": Key("text", "A built-in trainer, instead of a command."),
    "task": Key("text", "Which of the trainer's tasks. Default: its first."),
    "objective": Key("table", "What is optimised."),
    "budget": Key("table", "What may be spent."),
    "policy": Key("policy", "What may run without asking. Default: ask."),
    "search": Key("text", "Who proposes. Default: guided.", choices=SEARCHES),
    "portfolio": Key(
        "switch", "Whether guided begins with configs that did well elsewhere, where some fit. Default: true."
    ),
    "seed": Key("integer", "Makes proposals and trials repeatable. Default: 0.", minimum=0, maximum=2**32 - 1),
    "seeds": Key("integer", "Runs of every config, each with another seed. Default: 1.", minimum=1, maximum=100),
    "jobs": Key("integer", "How many trials run at once. Default: one a GPU, or one.", minimum=1),
    "constraints": Key("words", "Conditions every config must meet, such as label_len < seq_len."),
    "accumulates": Key("text", "The batch size, if the script takes it in {accumulation} micro-batches a step."),
}
_ENGINE = {
    "kind": Key("text", "Where trials run. Default: local.", choices=("local",)),
    "jobs": Key("integer", "As study.jobs.", minimum=1),
    "gpus_per_trial": Key("number", "GPUs a trial gets: 1, 2, a part such as 0.5, or 0. Default: 1 if any.", minimum=0),
    "threads": Key("integer", "CPU threads a trial may use. Default: 1.", minimum=1),
    "memory": Key("size", "Host memory beyond which a trial is ended."),
    "grace": Key("duration", "How long a trial that was asked to stop has before it is killed. Default: 5s."),
    "retries": Key("integer", "How often a trial that failed by accident runs again. Default: 2.", minimum=0),
    "pack": Key(
        "integer",
        "How many trials of one shape may train as one process. Default: as many as is measured to pay; 1: never.",
        minimum=1,
    ),
    "price_per_gpu_hour": Key("number", "What an hour of one GPU costs, in US dollars; cards then say it.", minimum=0),
}
_AGENT = {
    "model": Key("text", "Who speaks: a litellm name, local:FILE.gguf, hf:FOLDER, a server's address. Default: none."),
    "api_base": Key("text", "Where the model is served, if not at its provider's."),
    "about": Key("text", "What is trained on what, and what matters about it, in your words; the model reads it."),
    "language": Key("text", "The language of replies. Default: English."),
    "proposals": Key("integer", "Configs a call brings. Default: 3.", minimum=1, maximum=10),
    "temperature": Key("number", "How freely the model draws. Default: its own.", minimum=0, maximum=2),
    "thinking": Key("integer", "Tokens a model that thinks may think for. Default: its own.", minimum=0),
    "explain_worse_than": Key("number", "Trials that end worse, or fail, are explained unasked."),
    "prompts": Key("text", "A folder whose prompt templates stand in for the built-in ones."),
    "money": Key("number", "US dollars the study's calls may cost; asks at 80% and 100%.", minimum=0),
    "tokens": Key("integer", "Tokens they may use, prompts included; asks likewise.", minimum=1),
    "calls_per_day": Key("integer", "Calls in 24 hours; asks likewise.", minimum=1),
    "entropy": Key("switch", "Records how sure the model was of each proposed value. Default: false."),
    "attention": Key("text", 'Local models: records attention, such as "layers=0,-1 heads=all". Default: none.'),
}
_STOPPING = {
    "rule": Key("text", "Which rule ends trials that promise too little. Default: none.", choices=RULES),
    "trials": Key("integer", "How many have to complete before any is ended early. Default: 4.", minimum=1),
    "warmup": Key(
        "number", "The share of a trial in which it is never ended, 0 to 1. Default: 0.1.", minimum=0, maximum=1
    ),
    "eta": Key("integer", "asha: one of so many goes on at each rung. Default: 3.", minimum=2, maximum=100),
    "chance": Key(
        "number", "curve: a trial less likely to beat the best is ended. Default: 0.05.", minimum=0, maximum=1
    ),
    "steps": Key("text", "The step at which a trial ends, if its trainer does not say: a number or a parameter."),
}
_LLAMBO = {
    "context": Key("text", "How much the model is told of the task. Default: full.", choices=CONTEXTS),
    "initial": Key("integer", "Configs before the first prediction, besides the defaults. Default: 5.", minimum=0),
    "start": Key("text", "Who proposes those. Default: model.", choices=STARTS),
    "alpha": Key(
        "number",
        "How far beyond the best candidates should reach, in ranges seen. Default: 0.1.",
        minimum=-1,
        maximum=1,
    ),
    "candidates": Key("integer", "Candidates a proposal is chosen from. Default: 10.", minimum=1, maximum=50),
    "surrogate": Key(
        "text", "Predicts values, or whether a candidate is good. Default: discriminative.", choices=SURROGATES
    ),
    "acquisition": Key("text", "discriminative: what is highest is chosen. Default: ei.", choices=ACQUISITIONS),
    "kappa": Key("number", "ucb: standard deviations that count for a candidate. Default: 1.", minimum=0),
    "quantile": Key(
        "number", "generative: the share of trials that is good. Default: 0.25.", minimum=0.01, maximum=0.99
    ),
    "samples": Key("integer", "Answers a candidate is predicted from. Default: 6.", minimum=1, maximum=50),
    "templates": Key(
        "integer", "Wordings the questions alternate between. Default: 2.", minimum=1, maximum=MOST_TEMPLATES
    ),
    "together": Key("integer", "Candidates a call predicts; 1: each by itself. Default: 10.", minimum=1, maximum=50),
    "examples": Key("integer", "The most trials a prompt shows. Default: 40.", minimum=2, maximum=200),
    "calls": Key("integer", "The most calls a proposal may have. Default: 20.", minimum=2),
    "study_calls": Key("integer", "The most calls the study may have for it. Default: no limit.", minimum=1),
}
# Tables by their path; those with the value None hold names of the person's own.
TABLES: dict[str, dict[str, Key] | None] = {
    "": {
        "study": Key("table", "The study itself.", required=True),
        "space": Key("table", "The parameters, by name."),
        "constraints": Key("words", "As study.constraints."),
        "metrics": Key("table", "Where a script's metrics are read, by name."),
        "env": Key("table", "Environment variables for the script."),
        "engine": Key("table", "Where and how wide trials run."),
        "agent": Key("table", "The model that proposes and explains, and what it may spend."),
        "stopping": Key("table", "How trials that promise too little are ended early."),
        "llambo": Key("table", "How the search llambo asks the model, and how often."),
        "options": Key("table", "A built-in trainer's own settings."),
        "defaults": Key("table", "The config of the first trial."),
    },
    "study": _STUDY,
    "study.objective": _OBJECTIVE,
    "study.budget": _BUDGET,
    "study.policy": _POLICY,
    "engine": _ENGINE,
    "agent": _AGENT,
    "stopping": _STOPPING,
    "llambo": _LLAMBO,
    "space": None,
    "metrics": None,
    "env": None,
    "options": None,
    "defaults": None,
}

_SCALAR = {"type": ["number", "string", "boolean"]}
_OWN: dict[str, dict[str, Any]] = {
    "space": {"$ref": "#/$defs/parameter"},
    "metrics": {"$ref": "#/$defs/metric"},
    "env": {"type": "string"},
    "options": {},
    "defaults": _SCALAR,
}
_PARAMETER_KEYS: dict[str, Any] = {
    "low": {"type": "number"},
    "high": {"type": "number"},
    "log": {"type": "boolean"},
    "step": {"type": "number", "exclusiveMinimum": 0},
    "choices": {"type": "array", "items": _SCALAR, "minItems": 1},
    "default": _SCALAR,
    "when": {"type": "string"},
}
_DURATION = r"^\s*(\d+(\.\d*)?\s*[A-Za-z]+\s*)+$"


def json_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of a study file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "study.toml",
        **_table_schema(""),
        "$defs": {
            "parameter": {"oneOf": [_parameter_schema(kind) for kind in KINDS]},
            "metric": {"oneOf": [_metric_schema(kind) for kind in METRIC_KEYS]},
        },
    }


def _table_schema(path: str) -> dict[str, Any]:
    keys = TABLES[path]
    if keys is None:
        return {"type": "object", "additionalProperties": _OWN[path]}
    properties = {name: _key_schema(f"{path}.{name}".lstrip("."), key) for name, key in keys.items()}
    required = [name for name, key in keys.items() if key.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _key_schema(path: str, key: Key) -> dict[str, Any]:
    about: dict[str, Any] = {"description": key.about}
    match key.kind:
        case "table":
            return about | _table_schema(path)
        case "policy":
            return about | {"oneOf": [{"enum": list(PolicyKind)}, _table_schema(path)]}
        case "words":
            return about | {"type": "array", "items": {"type": "string"}}
        case "integer" | "number":
            about |= {"type": key.kind}
        case "switch":
            about |= {"type": "boolean"}
        case "duration":
            return about | {"type": "string", "pattern": _DURATION}
        case _:
            about |= {"type": "string"} | ({"enum": list(key.choices)} if key.choices else {})
    bounds = {"minimum": key.minimum, "maximum": key.maximum}
    return about | {name: bound for name, bound in bounds.items() if bound is not None}


def _parameter_schema(kind: str) -> dict[str, Any]:
    own = (*KINDS[kind].keys, "default", "when")
    required = ["type", "choices"] if kind == "categorical" else ["type", "low", "high"]
    properties = {"type": {"const": kind}} | {key: _PARAMETER_KEYS[key] for key in own}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _metric_schema(kind: str) -> dict[str, Any]:
    properties = {key: {"type": "string"} for key in METRIC_KEYS[kind]}
    return {"type": "object", "properties": properties, "required": [kind], "additionalProperties": False}
