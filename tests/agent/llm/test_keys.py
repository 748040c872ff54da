"""No key gets into the store, an error, a log, a reply or a prompt."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import faults, redaction
from agent.llm import keys
from agent.llm.errors import LLMError
from tests.agent.llm import steps
from tests.agent.llm.kit import Configs, Desk

ROOT = Path(__file__).resolve().parents[3]
PLANTED = {
    "OPENAI_API_KEY": "sk-proj-Planted0123456789abcdefXYZ",
    "TUNEWRIGHT_API_KEY": "correct horse battery staple",  # looks like no key at all
    "HF_TOKEN": "hf_PlantedPlanted0123456789abcdef",
}


@pytest.fixture
def planted(monkeypatch):
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    return " and ".join(PLANTED.values())


def free_of_keys(text: str) -> bool:
    return not any(value in text for value in PLANTED.values())


def stored(desk: Desk) -> str:
    """Every byte of the store, what is still in its log included."""
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in desk.store.folder.glob("store.sqlite*"))


class TestACall:
    async def test_keeps_keys_out_of_prompt_reply_and_store(self, desk, planted):
        desk.endpoint.play(steps.think(f"the key is {planted}", steps.say(f"It says {planted}, you know.", piece=3)))
        completion = await desk.text(f"My log says {planted}")
        [asked] = desk.endpoint.requests
        assert free_of_keys(asked.prompt)
        assert "My log says [key] and [key] and [key]" in asked.prompt
        assert completion.text == "It says [key] and [key] and [key], you know."
        assert "".join(desk.shown) == completion.text
        assert free_of_keys(completion.raw)
        assert free_of_keys(stored(desk))

    async def test_keeps_keys_out_of_arguments_of_tools(self, desk, planted):
        desk.endpoint.play(steps.call_tool("note", {"text": planted}))
        [tool] = (await desk.text()).tool_calls
        assert free_of_keys(tool.arguments)
        assert free_of_keys(stored(desk))

    @pytest.mark.parametrize("code", [400, 401, 429, 500])
    async def test_keeps_keys_out_of_errors(self, desk, planted, code):
        desk.endpoint.play(steps.status(code, f"Incorrect API key provided: {planted}"))
        with pytest.raises(LLMError) as caught:
            await desk.text()
        error = caught.value
        assert free_of_keys(f"{error}{error.raw}{error!r}{error.args}")
        assert free_of_keys(stored(desk))

    async def test_keeps_keys_out_of_what_is_said_about_a_reply(self, desk, planted):
        desk.endpoint.play(steps.reply({"configs": [{"lr": planted, "layers": 1}]}))
        with pytest.raises(LLMError) as caught:
            await desk.structured(Configs)
        assert free_of_keys(f"{caught.value}{caught.value.raw}")
        assert free_of_keys(stored(desk))

    async def test_sends_the_servers_own_key_alone(self, desk, planted):
        desk.endpoint.play(steps.say("hello"))
        await desk.text()
        assert desk.endpoint.requests[0].key == PLANTED["TUNEWRIGHT_API_KEY"]

    async def test_sends_no_providers_key_to_a_server_given_by_address(self, desk, planted, monkeypatch):
        monkeypatch.delenv("TUNEWRIGHT_API_KEY")
        desk.endpoint.play(steps.say("hello"))
        await desk.text()
        assert free_of_keys(desk.endpoint.requests[0].key)


def test_a_traceback_is_kept_without_keys(planted, tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_log_path", lambda name: tmp_path)
    try:
        raise ValueError(f"cannot log in with {planted}")
    except ValueError as error:
        said = faults.keep(error)
    log = (tmp_path / "errors.log").read_text()
    assert "cannot log in with [key]" in log
    assert free_of_keys(log + said)


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcDEF123456789012345",
        "sk-ant-api03-abcdefghijklmnop-1234567890_abcdef",
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "sk-abcd****************wxyz",
        "AIzaSyA0123456789abcdefghij",
        "gsk_abcDEF0123456789abcdef",
        "hf_abcdefghijKLMNOP012345",
        "xai-abcdefghij0123456789ABCDEF",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijABCDEFGHIJ",
    ],
)
def test_what_looks_like_a_key_is_taken_out(key):
    assert redaction.redact(f"key={key}, so") == "key=[key], so"


def test_a_bearer_token_is_taken_out():
    assert redaction.redact("Authorization: Bearer abc123.def456.ghi789") == "Authorization: [key]"


@pytest.mark.parametrize(
    "text",
    [
        "sk-resnet-50 and sk-learn, task-1234567890123456789",
        "a bearer of good news",
        "hf_trainer_with_a_long_name and hf_dataset",
        "lr=3e-4 wd=1e-2 seed=1234567890123456789",
        "openai/gpt-oss-120b groq/llama-3.3-70b-versatile xai/grok-4-fast",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_what_only_resembles_one_is_left(text):
    assert redaction.redact(text) == text


WORDS = ["sk-proj-Abc0123456789abcdefgh", "Bearer", "abcdefghij12345678901234", "x" * 400, "日本語", "", "so,"]


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", "\n", "  ", '"', "="]))), st.data())
def test_text_in_pieces_is_redacted_as_a_whole_would_be(parts, data):
    text = "".join(word + after for word, after in parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    stream = redaction.Stream()
    pieces = [stream.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    shown, whole = "".join(pieces) + stream.end(), redaction.redact(text)
    assert all(word in whole for word in WORDS if word and word in shown and word.isascii() and "Bearer" not in word)
    if whole == text:
        assert shown == text


class TestKnownKeys:
    def test_are_told_by_name_with_their_provider(self, monkeypatch):
        monkeypatch.setenv("ANTHROPIC_API_KEY", "a-secret-of-mine")
        monkeypatch.setenv("GROQ_API_KEY", "  ")
        assert [(name, provider.title) for name, provider in keys.known()] == [("ANTHROPIC_API_KEY", "Anthropic")]

    def test_come_from_a_keyring_where_there_is_one(self, monkeypatch):
        held = {("tunewright", "MISTRAL_API_KEY"): "held in the keyring"}
        keyring, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
        keyring.get_password = lambda service, name: held.get((service, name))
        errors.KeyringError = type("KeyringError", (Exception,), {})
        monkeypatch.setitem(sys.modules, "keyring", keyring)
        monkeypatch.setitem(sys.modules, "keyring.errors", errors)
        monkeypatch.setattr(keys, "find_spec", lambda name: object())
        keys._from_keyring.cache_clear()
        assert [name for name, _ in keys.known()] == ["MISTRAL_API_KEY"]
        assert keys.value("MISTRAL_API_KEY") == "held in the keyring"
        assert redaction.redact("it is held in the keyring.") == "it is [key]."
        keys._from_keyring.cache_clear()
        redaction._learned.clear()

    def test_every_model_suggested_is_one_that_litellm_prices(self):
        code = (
            "import os; os.environ['LITELLM_LOCAL_MODEL_COST_MAP'] = 'True'\n"
            "import litellm\n"
            "from agent.llm.keys import PROVIDERS\n"
            "for p in PROVIDERS:\n"
            "    if p.model:\n"
            "        info = litellm.get_model_info(p.model)\n"
            "        assert info['litellm_provider'] == p.prefix and info['input_cost_per_token'] > 0, p.model\n"
        )
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)
