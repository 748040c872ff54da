"""Tokens a second of a local GGUF model in a process like the agent's, free and held to a schema.

Ours: the backend as the agent uses it, streamed, in the environment the agent's process is given.
Peer: llama-cpp-python's own `create_completion`, streamed, in a process of its own, with as many threads.
Both load the same file of random weights, read the same prompt and take the likeliest token each time. What is
counted is the time from the first token to the last.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from agent.llm import capacity
from benchmarks.harness import Figure, medians
from trainers import processes

PEER = "llama-cpp-python called directly"
PROMPT = "\n".join(f"t{i} lr={10 ** -(i % 5):g} width={2 ** (i % 8)} loss={1 / (i + 1):.4f}" for i in range(20))
SCHEMA = {"type": "object", "properties": {"rationale": {"type": "string"}}, "required": ["rationale"]}
SIZES = {"small": (256, 4, 4_096), "larger": (1_024, 12, 32_000)}  # width, layers, vocabulary


def figures(*, quick: bool) -> list[Figure]:
    names, tokens, repeats = (("small",), 64, 1) if quick else (tuple(SIZES), 128, 5)
    with tempfile.TemporaryDirectory() as folder:
        return [figure for name in names for figure in _of_model(name, Path(folder) / f"{name}.gguf", tokens, repeats)]


def _of_model(name: str, path: Path, tokens: int, repeats: int) -> Iterator[Figure]:
    parameters = write_random(path, *SIZES[name])
    for schema in (False, True):
        measures = [partial(_in_process, side, path, tokens, schema) for side in ("ours", "direct")]
        ours, peer = medians(measures, repeats)
        title = f"local GGUF, {parameters / 1e6:,.0f} M parameters{', held to a schema' if schema else ''}"
        yield Figure(title, ours, peer, "tokens/s", PEER, "≥ 0.95×", ours >= 0.95 * peer, repeats, more_is_better=True)


def _in_process(side: str, path: Path, tokens: int, schema: bool) -> float:
    """In a process as the agent's own is started (agent.helper)."""
    words = [sys.executable, "-m", "benchmarks.local_tokens", side, str(path), str(tokens), json.dumps(schema)]
    environment = {**os.environ, **dict.fromkeys(processes.THREAD_VARIABLES, "1")}
    answer = subprocess.run(words, env=environment, capture_output=True, text=True, check=True, timeout=600)
    return float(answer.stdout)


def ours(path: str, tokens: int, schema: bool) -> float:
    from agent.llm.backend import Request
    from agent.llm.gguf import GgufBackend
    from agent.llm.names import parse_model

    async def run() -> float:
        backend = GgufBackend(parse_model(f"local:{path}"))
        messages = [{"role": "user", "content": PROMPT}]
        request = Request(
            messages=messages, max_tokens=tokens, temperature=0.0, schema=SCHEMA if schema else None, logprobs=False
        )
        marks = []
        async for piece in backend.stream(request):
            if piece.text or piece.finish:
                marks.append(time.perf_counter())
        assert piece.usage == (piece.usage[0], tokens), f"it ended early: {piece}"
        await backend.close()
        return _rate(marks, tokens)

    return asyncio.run(run())


def direct(path: str, tokens: int, schema: bool) -> float:
    from llama_cpp import Llama, LlamaGrammar

    from agent.llm.local_prompt import plain

    threads = capacity.threads()
    model = Llama(path, n_ctx=4_096, n_threads=threads, n_threads_batch=threads, verbose=False)
    grammar = LlamaGrammar.from_json_schema(json.dumps(SCHEMA)) if schema else None
    prompt = plain([{"role": "user", "content": PROMPT}])
    marks = []
    for chunk in model.create_completion(prompt, max_tokens=tokens, temperature=0.0, grammar=grammar, stream=True):
        marks.append(time.perf_counter())
        finish = chunk["choices"][0]["finish_reason"]
    assert finish == "length", f"it ended early: {finish}"
    return _rate(marks, tokens)


def _rate(marks: list[float], tokens: int) -> float:
    """Pieces may hold several tokens, so the tokens are those that were asked for."""
    return (tokens - 1) / (marks[-1] - marks[0])


def write_random(path: Path, width: int, layers: int, vocabulary: int) -> int:
    """A qwen2 model of random weights in 16 bits, with bytes as its tokens; the number of its parameters."""
    import gguf

    heads, inner = width // 64, width * 11 // 4
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_context_length(8_192)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    _add_bytes(writer, vocabulary)
    rng = np.random.default_rng(0)
    shapes = {"token_embd": (vocabulary, width), "output": (vocabulary, width)}
    for layer in range(layers):
        block = {"attn_q": (width, width), "attn_k": (width, width), "attn_v": (width, width)}
        block |= {"attn_output": (width, width), "ffn_gate": (inner, width), "ffn_up": (inner, width)}
        block |= {"ffn_down": (width, inner)}
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in block.items()}
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", (0.03 * rng.standard_normal(shape, np.float32)).astype(np.float16))
    for name in ("output_norm", *(f"blk.{i}.{part}_norm" for i in range(layers) for part in ("attn", "ffn"))):
        writer.add_tensor(f"{name}.weight", np.ones(width, np.float32))
    for name in (f"blk.{i}.attn_{part}" for i in range(layers) for part in "qkv"):
        writer.add_tensor(f"{name}.bias", np.zeros(width, np.float32))
    for write in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file):
        write()
    writer.close()
    return sum(int(np.prod(shape)) for shape in shapes.values())


def _add_bytes(writer: Any, vocabulary: int) -> None:
    """Every byte as GPT-2 writes it, an end that is never reached, and words nobody says to fill the vocabulary."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    letters = [chr(byte if byte in printable else next(others)) for byte in range(256)]
    tokens = ["<end>", *letters, *(f"word{i}" for i in range(vocabulary - 257))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([3] + [1] * (vocabulary - 1))  # control, normal
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(0)
    writer.add_add_bos_token(False)


SIDES: dict[str, Callable[[str, int, bool], float]] = {"ours": ours, "direct": direct}

if __name__ == "__main__":
    side, model, count, held = sys.argv[1:]
    print(SIDES[side](model, int(count), json.loads(held)))
