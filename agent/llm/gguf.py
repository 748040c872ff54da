"""A model in a GGUF file, run by llama.cpp in this process. What crashes it costs the agent's process, not the app."""

from __future__ import annotations

import codecs
import random
import threading
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.llm import capacity
from agent.llm.attention import Recorder, parse
from agent.llm.backend import Piece, Request
from agent.llm.call import Token
from agent.llm.entropy import entropy_and_logprob, likeliest
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.gguf_attention import Watch
from agent.llm.grammar import any_json, gbnf
from agent.llm.llamacpp import MOST_BATCH, Context, Weights
from agent.llm.local_prompt import PromptFormat, Speech, Strides, Turn, thinks
from agent.llm.names import ModelName
from agent.llm.sampling import Sampler
from agent.llm.worker import Put, Worker

_MAGIC = b"GGUF"
_FIRST_CONTEXT = 4_096
_KV_SHARE = 0.5  # of the memory that is left beside the weights


class GgufBackend:
    """Loads the file with the first request. Its context grows with what is asked, up to what the file and the
    memory allow; a prompt that begins as the last one did is read from where they differ."""

    has_tools = False
    has_grammar = True
    concurrency = 1

    def __init__(self, name: ModelName, *, most_context: int = capacity.MOST_CONTEXT) -> None:
        self._where = f"model '{name.text}'"
        self._path = _checked(name.target, self._where)
        self._most_context = most_context
        self._worker = Worker("gguf")
        self._weights: Weights | None = None
        self._context: Context | None = None
        self._limit = 0

    def stream(self, request: Request) -> AsyncIterator[Piece]:
        return self._worker.stream(partial(self._generate, request))

    async def close(self) -> None:
        await self._worker.close(self._free)

    def _free(self) -> None:
        for held in (self._context, self._weights):
            if held is not None:
                held.close()
        self._context = self._weights = None

    def _generate(self, request: Request, stop: threading.Event, put: Put) -> None:
        weights = self._loaded(stop, put)
        text, stops = self._format(weights, request).text(request.messages)
        has_bos = bool(weights.special("bos")) and text.startswith(weights.special("bos"))
        prompt = weights.tokens(text, add_special=not has_bos)
        most = self._room(len(prompt), request.max_tokens)
        look = _look(weights, request, prompt)
        context = self._context_for(weights, len(prompt) + most, look)
        if context.size < len(prompt) + most:  # memory was shorter than it seemed
            self._limit = context.size
            most = self._room(len(prompt), request.max_tokens)
        sampler = _sampler(weights, request)
        try:
            run = _Run(
                weights, context, sampler, request.logprobs, request.alternatives, look, Speech(stops), stop, put
            )
            run.read(prompt)
            run.write(len(prompt), most)
        finally:
            sampler.close()
            if context is not self._context:
                context.close()

    def _loaded(self, stop: threading.Event, put: Put) -> Weights:
        if self._weights is None:

            def go_on() -> bool:
                put(Piece(waiting=True))
                return not stop.is_set()

            free = capacity.free_memory()
            self._weights = weights = Weights(str(self._path), self._where, go_on)
            go_on()
            left = free if weights.on_gpu else free - weights.size_bytes
            fits = int(left * _KV_SHARE) // max(weights.kv_bytes_per_token, 1)
            fits = max(fits - fits % MOST_BATCH, MOST_BATCH)
            self._limit = min(weights.trained_context or fits, self._most_context, fits)
        return self._weights

    def _format(self, weights: Weights, request: Request) -> PromptFormat:
        if not weights.template:
            return PromptFormat(None, weights.control_texts)
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        bos, eos = weights.special("bos"), weights.special("eos")
        formatter = Jinja2ChatFormatter(weights.template, eos_token=eos, bos_token=bos)
        options = {"enable_thinking": thinks(request)} if thinks(request) is not None else {}

        def apply(turns: list[Turn]) -> str:
            return str(formatter(messages=turns, **options).prompt)

        return PromptFormat(apply, weights.control_texts)

    def _room(self, prompt: int, wanted: int) -> int:
        assert self._weights is not None
        trained = self._weights.trained_context
        if self._limit >= min(trained, self._most_context):
            return capacity.room(prompt, wanted, self._limit, self._where)
        remedy = f"The file allows {trained:,}; memory is short. Free some, or take a smaller model."
        return capacity.room(prompt, wanted, self._limit, self._where, remedy)

    def _context_for(self, weights: Weights, tokens: int, look: _Look | None) -> Context:
        """The kept context, made anew where it is too small; one of its own for a request whose attention is wanted."""
        size = _FIRST_CONTEXT
        while size < tokens:
            size *= 2
        size = min(size, -(-self._limit // MOST_BATCH) * MOST_BATCH)
        if look is not None:
            return Context(weights, size, capacity.threads(), look.watch.callback)
        if self._context is None or self._context.size < tokens:
            if self._context is not None:
                self._context.close()
                self._context = None
            self._context = Context(weights, size, capacity.threads())
        return self._context


@dataclass(frozen=True)
class _Look:
    """What a request records of the model's attention."""

    watch: Watch
    recorder: Recorder


@dataclass(frozen=True)
class _Run:
    """One request on its way through the model."""

    weights: Weights
    context: Context
    sampler: Sampler
    logprobs: bool
    alternatives: int
    look: _Look | None
    speech: Speech
    stop: threading.Event
    put: Put

    def read(self, prompt: Sequence[int]) -> None:
        """Feeds the prompt, in strides."""
        # Whose attention is recorded is fed alone, and the last of the prompt leads to the first of the reply.
        last = len(prompt) if self.look is None else len(prompt) - 1
        strides, at = Strides(MOST_BATCH), self.context.keep(prompt)
        while at < last and not self.stop.is_set():
            end = min(at + strides.size, last)
            began = time.perf_counter()
            self.context.feed(prompt[at:end])
            strides.took(time.perf_counter() - began)
            self.put(Piece())  # a sign of life
            at = end
        if self.look is not None and not self.stop.is_set():
            self.look.watch.on = True
            self.context.feed(prompt[-1:])

    def write(self, prompt: int, most: int) -> None:
        """Picks tokens until the model ends, `most` are written, or nobody reads any more."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        pieces: list[str] = []
        finish = "length"
        while len(pieces) < most and not self.stop.is_set():
            token = self.sampler.pick(self.context)
            if token is None or self.weights.ends(token):
                finish = "stop"
                break
            pieces.append(decoder.decode(self.weights.piece(token)))
            if self.look is not None:
                self.look.recorder.add(self.look.watch.take(len(self.context.fed)))
            self._tell(token, pieces[-1])
            if self.speech.stopped:
                finish = "stop"
                break
            if len(pieces) < most:
                self.context.feed([token])
        extra = {} if self.look is None else {"attention": self.look.recorder.recording(pieces)}
        rest = self.speech.add(decoder.decode(b"", final=True)) + self.speech.end()
        # A local model costs no money, and that is known: 0, not None.
        self.put(Piece(text=rest, finish=finish, usage=(prompt, len(pieces)), cost=0.0, extra=extra))

    def _tell(self, token: int, text: str) -> None:
        said = self.speech.add(text)
        tokens: tuple[Token, ...] = ()
        if self.logprobs:
            logits = self.context.logits_V()
            entropy, logprob = entropy_and_logprob(logits, token)
            near = likeliest(logits, self.alternatives) if self.alternatives else ()
            words = {self.weights.piece(t).decode("utf-8", "replace"): p for t, p in reversed(near)}
            tokens = (Token(text, logprob, entropy, words),)
        if said or tokens:
            self.put(Piece(text=said, tokens=tokens))


def _look(weights: Weights, request: Request, prompt: Sequence[int]) -> _Look | None:
    if not request.attention:
        return None
    layers, heads = parse(request.attention).of(weights.layers, weights.heads)
    return _Look(Watch(weights.lib, layers, heads), Recorder(layers, heads, shown(weights, prompt)))


def _sampler(weights: Weights, request: Request) -> Sampler:
    seed = random.getrandbits(32)
    if request.schema is None:
        return Sampler(weights, request.temperature, seed)
    sampler = Sampler(weights, request.temperature, seed, gbnf(request.schema))
    if not sampler.has_grammar:  # of a kind llama.cpp does not take: any JSON is better than none
        sampler.close()
        sampler = Sampler(weights, request.temperature, seed, any_json())
    return sampler


def shown(weights: Weights, tokens: Sequence[int]) -> list[str]:
    """Tokens of a prompt as text: a character in several of them stands in the last, control tokens by their names."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return [decoder.decode(weights.piece(token)) or weights.control_text(token) for token in tokens]


def _checked(target: str, where: str) -> Path:
    """The file; raises LLMError for what cannot be a model."""
    path = Path(target).expanduser()
    remedy = "'tunewright models' lists the files that are at hand."
    if not target or not path.exists():
        raise LLMError(LLMErrorKind.NO_MODEL, f"there is no file {path}", where=where, remedy=remedy)
    if path.is_dir():
        what = f"{path} is a folder, not a GGUF file"
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=f"For transformers: hf:{target}.")
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy="Check its permissions.") from None
    if magic != _MAGIC:
        raise LLMError(LLMErrorKind.NO_MODEL, f"{path} is not a GGUF file", where=where, remedy=remedy)
    return path
