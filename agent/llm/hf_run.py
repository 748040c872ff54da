"""One request on its way through a transformers model: the prompt is read, the reply written token by token."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agent.llm.attention import Recorder
from agent.llm.backend import Piece, Request
from agent.llm.call import Token
from agent.llm.entropy import entropy_and_logprob, likeliest
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.local_prompt import Speech, Strides
from agent.llm.worker import Put

_MOST_BATCH = 512
# Where the model's own generation settings are silent: as llama.cpp has them.
_TEMPERATURE, _TOP_K, _TOP_P = 0.8, 40, 0.95


class TokenTexts:
    """Tokens as text, one after the other; a character in several of them stands in the last."""

    def __init__(self, tokenizer: Any, *, special: bool) -> None:
        self._tokenizer, self._special = tokenizer, special
        self._ids: list[int] = []
        self._known = self._shown = 0  # text begins to be told apart at the first, has been given up to the second

    def add(self, token: int) -> str:
        # Decoded with its neighbours before it: some tokenizers write a space only between two words.
        self._ids.append(token)
        before, now = self._decode(self._ids[self._known : self._shown]), self._decode(self._ids[self._known :])
        if now.endswith("�"):
            return ""
        self._known, self._shown = self._shown, len(self._ids)
        return now[len(before) :]

    def of(self, tokens: Sequence[int]) -> list[str]:
        return [self.add(token) for token in tokens]

    def _decode(self, tokens: list[int]) -> str:
        return str(
            self._tokenizer.decode(tokens, skip_special_tokens=not self._special, clean_up_tokenization_spaces=False)
        )


@dataclass
class Run:
    """Use it under torch.inference_mode()."""

    torch: Any
    model: Any
    tokenizer: Any
    request: Request
    recorder: Recorder | None
    speech: Speech
    stop: threading.Event
    put: Put
    _cache: Any = field(default=None, init=False)
    _logits_V: Any = field(default=None, init=False)
    _attention_LHK: Any = field(default=None, init=False)
    _length: int = field(default=0, init=False)

    def read(self, prompt: Sequence[int]) -> None:
        """Feeds the prompt, in strides; its last token alone where attention is recorded, as it leads to the reply."""
        last = len(prompt) if self.recorder is None else len(prompt) - 1
        strides, at = Strides(_MOST_BATCH), 0
        while at < last and not self.stop.is_set():
            end = min(at + strides.size, last)
            began = time.perf_counter()
            self._feed(prompt[at:end])
            strides.took(time.perf_counter() - began)
            self.put(Piece())  # a sign of life
            at = end
        if self.recorder is not None and not self.stop.is_set():
            self._feed_watched(prompt[-1])

    def write(self, prompt: int, most: int) -> None:
        """Picks tokens until the model ends, `most` are written, or nobody reads any more."""
        ends, texts = self._ends(), TokenTexts(self.tokenizer, special=False)
        pieces: list[str] = []
        finish = "length"
        while len(pieces) < most and not self.stop.is_set():
            token = self._pick()
            if token in ends:
                finish = "stop"
                break
            pieces.append(texts.add(token))
            if self.recorder is not None:
                self.recorder.add(self._attention_LHK)
            self._tell(token, pieces[-1])
            if self.speech.stopped:
                finish = "stop"
                break
            if len(pieces) < most:
                self._feed([token]) if self.recorder is None else self._feed_watched(token)
        extra = {} if self.recorder is None else {"attention": self.recorder.recording(pieces)}
        # A local model costs no money, and that is known: 0, not None.
        self.put(Piece(text=self.speech.end(), finish=finish, usage=(prompt, len(pieces)), cost=0.0, extra=extra))

    def _tell(self, token: int, text: str) -> None:
        said = self.speech.add(text)
        tokens: tuple[Token, ...] = ()
        if self.request.logprobs:
            logits_V = self._logits_V.cpu().numpy()
            entropy, logprob = entropy_and_logprob(logits_V, token)
            near = likeliest(logits_V, self.request.alternatives) if self.request.alternatives else ()
            tokens = (Token(text, logprob, entropy, {self._word(t): p for t, p in reversed(near)}),)
        if said or tokens:
            self.put(Piece(text=said, tokens=tokens))

    def _word(self, token: int) -> str:
        return str(self.tokenizer.decode([token], clean_up_tokenization_spaces=False))

    def _feed(self, tokens: Sequence[int], **options: Any) -> Any:
        x_1T = self.torch.tensor([list(tokens)], device=self.model.device)
        out = self.model(input_ids=x_1T, past_key_values=self._cache, use_cache=True, logits_to_keep=1, **options)
        self._cache, self._logits_V = out.past_key_values, out.logits[0, -1].float()
        self._length += len(tokens)
        return out

    def _feed_watched(self, token: int) -> None:
        """Only the plain way of computing attention shows it."""
        usual = self.model.config._attn_implementation
        self.model.set_attn_implementation("eager")
        try:
            seen = self._feed([token], output_attentions=True).attentions
        finally:
            self.model.set_attn_implementation(usual)
        assert self.recorder is not None
        rows = [self._row(seen, layer) for layer in self.recorder.layers]
        self._attention_LHK = np.stack(rows)[:, list(self.recorder.heads)]

    def _row(self, seen: Any, layer: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Heads × all tokens so far; a layer with a sliding window gives those within it."""
        if not seen or layer >= len(seen) or seen[layer] is None:
            what = f"transformers shows no attention in layer {layer} of this model"
            raise LLMError(LLMErrorKind.REQUEST, what, where="attention", remedy="Name other layers, or leave it out.")
        inside = seen[layer][0, :, -1].float().cpu().numpy()
        whole = np.zeros((inside.shape[0], self._length), np.float32)
        whole[:, -inside.shape[1] :] = inside[:, -self._length :]
        return whole

    def _ends(self) -> frozenset[int]:
        own = getattr(self.model.generation_config, "eos_token_id", None)
        listed = own if isinstance(own, list) else [own]
        return frozenset(token for token in (*listed, self.tokenizer.eos_token_id) if token is not None)

    def _pick(self) -> int:
        own, asked = self.model.generation_config, self.request.temperature
        temperature = asked if asked is not None else own.temperature or _TEMPERATURE
        if temperature <= 0:
            return int(self._logits_V.argmax())
        top_k = min(own.top_k or _TOP_K, self._logits_V.shape[0])
        logits_K, ids_K = self._logits_V.topk(top_k)
        chances_K = (logits_K / temperature).softmax(-1)
        if not bool(self.torch.isfinite(chances_K).all()):
            what, remedy = "the model's figures are not finite", "Its weights may be damaged."
            raise LLMError(LLMErrorKind.SERVER, what, remedy=remedy)
        before_K = chances_K.cumsum(-1) - chances_K
        chances_K = chances_K.where(before_K < (own.top_p or _TOP_P), 0.0)
        return int(ids_K[chances_K.multinomial(1)])
