"""What a tool is: a name, what it is for, its arguments, and what it does. One definition serves models that
take tools natively and those that ask for them in their text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agent.llm.seat import Seat
from trainers.errors import TunewrightError, nearest

MOST_CHARACTERS = 3_600  # of a result, before it is put into its fence


class Args(BaseModel):
    """Arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def _bare_number(value: Any) -> Any:
    """17 from `17`, `"17"`, `t17` or `trial 17`, as models write it."""
    return value.strip().lower().removeprefix("trial").strip().removeprefix("t") if isinstance(value, str) else value


TrialNumber = Annotated[int, BeforeValidator(_bare_number), Field(ge=0, lt=10**9, description="its number, as in t17")]
Why = Annotated[str, Field(min_length=3, max_length=800, description="the reason, for the person who decides")]


@dataclass(frozen=True)
class Tool:
    """`asks`: it makes a card that a person settles; it never changes anything by itself."""

    name: str
    about: str
    args: type[Args]
    run: Callable[[Seat, Any], str | Awaitable[str]]
    asks: bool = False

    def schema(self) -> dict[str, Any]:
        """As OpenAI describes a function."""
        shape = _plain(self.args.model_json_schema())
        shape.pop("description", None)
        return {"type": "function", "function": {"name": self.name, "description": self.about, "parameters": shape}}

    def usage(self) -> str:
        """One line for a prompt: `log(trial, lines = 40, around?) – what it is for`."""
        return f"{self.name}({', '.join(map(self._argument, self.args.model_fields))}) – {self.about}"

    def _argument(self, name: str) -> str:
        field = self.args.model_fields[name]
        said = f" [{field.description}]" if field.description else ""
        if field.is_required():
            return name + said
        default = field.get_default(call_default_factory=True)
        return f"{name}?{said}" if default in (None, "", ()) else f"{name} = {default}{said}"

    def read(self, arguments: Any) -> Args:
        """The arguments, checked. Raises TunewrightError with one sentence that says what is wrong."""
        if not isinstance(arguments, dict):
            raise TunewrightError(f"{self.name} takes its arguments as one JSON object", remedy=f"{self.usage()}.")
        try:
            return self.args.model_validate(arguments)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise TunewrightError(self._wrong(first["loc"], first["type"], first["msg"])) from None

    def _wrong(self, place: tuple[int | str, ...], kind: str, said: str) -> str:
        name = str(place[0]) if place else ""
        if kind == "extra_forbidden":
            known = nearest(name, self.args.model_fields) or "It takes no arguments."
            return f"{self.name} has no argument '{name[:40]}'. {known}".rstrip(".")
        if kind == "missing":
            return f"{self.name} needs '{name}': {self.usage()}"
        return f"{self.name}: '{'.'.join(map(str, place))}' is wrong: {said}"


def _plain(shape: Any) -> Any:
    """A JSON schema without the titles, which only cost tokens."""
    if isinstance(shape, dict):
        titled = isinstance(shape.get("title"), str)
        return {key: _plain(value) for key, value in shape.items() if not (titled and key == "title")}
    return [_plain(item) for item in shape] if isinstance(shape, list) else shape


def within(lines: Iterable[str], limit: int = MOST_CHARACTERS, *, rest: str = "left out for length") -> str:
    """The first lines that fit into `limit` characters, and how many did not."""
    listed, kept, left = list(lines), [], limit
    for line in listed:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    if len(kept) < len(listed):
        kept.append(f"(… {len(listed) - len(kept)} more {rest})")
    return "\n".join(kept)


def clipped(text: str, limit: int) -> str:
    """`text` on one line, at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
