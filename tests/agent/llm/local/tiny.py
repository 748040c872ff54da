"""Two real language models, made on the spot: the same weights as a GGUF and as a Hugging Face folder.

Qwen2 with two layers of width 64 and a byte-level BPE of its own, trained for some seconds on made-up chats, so that
it answers in plausible JSON. Kept in pytest's cache folder until this file changes.

    from tests.agent.llm.local.tiny import tiny_gguf, tiny_hf  # noqa: F401 – fixtures
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import math
import random
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WIDTH, LAYERS, HEADS, KV_HEADS, CONTEXT, VOCABULARY = 64, 2, 4, 2, 16_384, 512
START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_NAMES = ("lr", "wd", "momentum", "layers", "width", "dropout", "batch_size", "warmup")
_WORDS = re.findall(
    "[a-z]+",
    "lower the learning rate because trial diverged at step and loss was still falling when it ended more width less"
    " dropout a smaller batch would help the best so far between two good ones",
)


def _missing(*packages: str) -> str:
    """Why a test must be skipped, or nothing. `make test` installs them all; `.ci/run` insists."""
    gone = [name for name in packages if importlib.util.find_spec(name) is None]
    return f"not installed: {', '.join(gone)}; 'make test' says why" if gone else ""


needs_llama = pytest.mark.skipif(bool(_missing("llama_cpp", "gguf")), reason=_missing("llama_cpp", "gguf"))
needs_transformers = pytest.mark.skipif(bool(_missing("transformers")), reason=_missing("transformers"))


@pytest.fixture(scope="session")
def tiny_hf(request: pytest.FixtureRequest) -> Path:
    """A folder that transformers loads."""
    if why := _missing("transformers"):
        pytest.skip(why)
    return hf_folder(request.config.cache.mkdir("tunewright-models"))


@pytest.fixture(scope="session")
def tiny_gguf(request: pytest.FixtureRequest) -> Path:
    """A GGUF that llama.cpp loads, with tokenizer and chat template."""
    if why := _missing("transformers", "llama_cpp", "gguf"):
        pytest.skip(why)
    return gguf_file(request.config.cache.mkdir("tunewright-models"))


def hf_folder(cache: Path) -> Path:
    return _once(cache, "hf", _train)


def gguf_file(cache: Path) -> Path:
    source = hf_folder(cache)
    return _once(cache, "tiny.gguf", lambda path: write_gguf(source, path))


def _once(cache: Path, name: str, make: Callable[[Path], None]) -> Path:
    """`name` in `cache`, made if this version of it is not there; xdist's workers wait for the one that makes it."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    path = cache / f"{version}-{name}"
    with _lock(cache / f"{name}.lock"):
        if not path.exists():
            for old in cache.glob(f"*-{name}"):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            half = cache / f"{name}.half"
            shutil.rmtree(half, ignore_errors=True)
            half.unlink(missing_ok=True) if half.is_file() else None
            make(half)
            half.rename(path)
    return path


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _number(rng: random.Random) -> float:
    kind = rng.random()
    if kind < 0.4:
        return float(f"{10 ** rng.uniform(-4.5, -1.2):.2g}")
    return round(rng.uniform(0.0, 0.9), 2) if kind < 0.7 else rng.choice([1, 2, 3, 4, 8, 16, 32, 64, 128, 256])


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(rng.randint(4, 12))).capitalize() + "."


def _params(rng: random.Random) -> dict[str, Any]:
    names = rng.sample(_NAMES, rng.randint(2, 5))
    return {n: rng.choice(["adam", "sgd", "relu"]) if rng.random() < 0.2 else _number(rng) for n in names}


def _reply(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return _sentence(rng)
    bounds = sorted([_number(rng), _number(rng)])
    rest = {"rationale": _sentence(rng), "expected": bounds, "confidence": round(rng.random(), 1)}
    return json.dumps({"proposals": [{"params": _params(rng), **rest} for _ in range(rng.randint(1, 3))]})


def _chat(rng: random.Random) -> str:
    lines = [f"t{i} {json.dumps(_params(rng))} loss={_number(rng)}" for i in range(rng.randint(1, 4))]
    turns = [
        ("system", _sentence(rng)),
        ("user", "\n".join([_sentence(rng), *lines, _sentence(rng)])),
        ("assistant", _reply(rng)),
    ]
    return "".join(f"{START}{role}\n{text}{END}\n" for role, text in turns)


def _train(folder: Path, steps: int = 120) -> None:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

    rng = random.Random(0)
    chats = [_chat(rng) for _ in range(600)]
    tokenizer = Tokenizer(models.BPE())
    qwen = Qwen2Tokenizer().backend_tokenizer  # which llama.cpp splits text like, and transformers insists on
    tokenizer.normalizer, tokenizer.pre_tokenizer = qwen.normalizer, qwen.pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[START, END, PAD], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(chats, trainer)
    ids_N = torch.tensor([i for chat in chats for i in tokenizer.encode(chat).ids])
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=WIDTH,
            intermediate_size=3 * WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            num_key_value_heads=KV_HEADS,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=False,
        )
    )
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 6e-3 * min(1.0, (step + 1) / 10) * (0.55 + 0.45 * math.cos(math.pi * step / steps))
        starts = torch.randint(0, len(ids_N) - 128, (16,))
        x_BT = torch.stack([ids_N[i : i + 128] for i in starts])
        loss = model(input_ids=x_BT, labels=x_BT).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    assert loss < 2.5, f"the tiny model did not learn: loss {loss:.2f}"
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token=PAD)
    wrapped.chat_template = CHAT_TEMPLATE
    model.generation_config.eos_token_id = wrapped.eos_token_id
    model.save_pretrained(folder)
    wrapped.save_pretrained(folder)


def write_gguf(folder: Path, path: Path, *, template: bool = True, context: int = CONTEXT, heads: int = HEADS) -> None:
    """The model in `folder` as a GGUF of 32-bit floats. `heads` other than the true one damages it."""
    import gguf

    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(3 * WIDTH)
    writer.add_head_count(heads)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer, folder, template)
    for name, weights in _weights(folder):
        writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: Any, folder: Path, template: bool) -> None:
    import gguf

    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    special = {START, END, PAD}
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in special else normal for token in tokens])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in model["merges"]])
    writer.add_eos_token_id(tokens.index(END))
    writer.add_pad_token_id(tokens.index(PAD))
    writer.add_add_bos_token(False)
    if template:
        writer.add_chat_template(CHAT_TEMPLATE)


def _weights(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Tensors under llama.cpp's names."""
    import gguf
    from safetensors.numpy import load_file

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2, LAYERS)
    for name, weights in load_file(folder / "model.safetensors").items():
        translated = names.get_name(name, try_suffixes=(".weight", ".bias"))
        assert translated is not None, name
        yield translated, weights.astype(np.float32)
