"""What is at hand: keys by name, servers that answer, GGUF files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from agent.commands import models
from agent.llm import detect, gguf_files
from agent.llm.detect import at_hand
from tests.agent.llm.endpoint import Endpoint
from tests.agent.schemas import checked


@pytest.fixture(autouse=True)
def bare_machine(tmp_path, monkeypatch):
    """A home with nothing in it, and no server on the usual ports."""
    for name in ("LLAMA_CACHE", "HF_HOME", "OLLAMA_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(detect, "PORTS", {9: "nothing"})
    monkeypatch.setattr(detect, "OLLAMA_PORT", 9)


def gguf(path: Path, content: bytes = b"GGUF\x03\0\0\0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(kind: str, **places) -> list[str]:
    return [offer.model for offer in at_hand(**places).offers if offer.kind == kind]


def test_there_is_always_the_advisor():
    assert [offer.model for offer in at_hand(ports={9: "x"}, ollama=9).offers] == ["none"]


def test_a_key_offers_a_model_of_its_provider_and_is_never_shown(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-secret-of-mine")
    [offer, _] = at_hand(ports={9: "x"}, ollama=9).offers
    assert offer.model.startswith("anthropic/")
    assert "ANTHROPIC_API_KEY" in offer.what
    assert "a-secret-of-mine" not in repr(offer)


class TestServers:
    def test_one_that_serves_one_model_is_offered_by_its_address(self):
        with Endpoint(models=["qwen3-8b"]) as endpoint:
            offers = at_hand(ports={endpoint.port: "llama.cpp"}, ollama=9).offers
        assert (offers[0].model, offers[0].kind) == (endpoint.url, "server")
        assert "qwen3-8b" in offers[0].what

    def test_one_that_serves_several_is_offered_with_each(self):
        with Endpoint(models=["a", "b"]) as endpoint:
            assert names("server", ports={endpoint.port: "vLLM"}, ollama=9) == [
                f"{endpoint.url}#a",
                f"{endpoint.url}#b",
            ]

    def test_ollamas_models_are_offered_as_litellm_names_them(self):
        with Endpoint(models=["llama3:8b"]) as endpoint:
            assert names("server", ports={9: "x"}, ollama=endpoint.port) == ["ollama_chat/llama3:8b"]

    def test_something_else_that_answers_is_no_server(self, monkeypatch):
        with Endpoint() as endpoint:
            monkeypatch.setattr(detect.servers, "ask", lambda *args, **kwargs: ["not", "a", "list", "of", "models"])
            assert names("server", ports={endpoint.port: "x"}, ollama=endpoint.port) == []


class TestFiles:
    def found(self, tmp_path: Path) -> list[str]:
        return names("file", folder=tmp_path, ports={9: "x"}, ollama=9)

    def test_are_found_in_the_usual_places(self, tmp_path):
        gguf(tmp_path / "here.gguf")
        gguf(tmp_path / "models" / "deep" / "below.GGUF")
        gguf(tmp_path / "home" / ".lmstudio" / "models" / "maker" / "name" / "studio.gguf")
        gguf(tmp_path / "elsewhere" / "not.gguf")
        assert self.found(tmp_path)[:2] == ["local:here.gguf", "local:models/deep/below.GGUF"]
        assert [Path(name).name for name in self.found(tmp_path)[2:]] == ["studio.gguf"]

    def test_of_another_kind_are_left_out(self, tmp_path):
        gguf(tmp_path / "text.gguf", b"hello")
        gguf(tmp_path / "mmproj-model.gguf")
        gguf(tmp_path / "big-00002-of-00003.gguf")
        gguf(tmp_path / "big-00001-of-00003.gguf")
        assert self.found(tmp_path) == ["local:big-00001-of-00003.gguf"]

    def test_of_ollama_go_by_the_names_it_gives_them(self, tmp_path):
        top = tmp_path / "home" / ".ollama" / "models"
        blob = gguf(top / "blobs" / "sha256-abc")
        manifest = top / "manifests" / "registry.ollama.ai" / "library" / "llama3" / "8b"
        manifest.parent.mkdir(parents=True)
        layers = [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:abc"}]
        manifest.write_text(json.dumps({"layers": layers}))
        (manifest.parent / "half").write_text('{"layers": [')
        [file] = gguf_files.find(tmp_path)
        assert (file.path, file.title) == (blob, "llama3:8b of Ollama")

    def test_the_same_file_is_offered_once(self, tmp_path):
        gguf(tmp_path / "home" / "models" / "a.gguf")
        (tmp_path / "models").symlink_to(tmp_path / "home" / "models")
        assert len(self.found(tmp_path)) == 1

    def test_a_huge_folder_does_not_hold_it_up(self, tmp_path, monkeypatch):
        monkeypatch.setattr(gguf_files, "_ENTRIES", 10)
        for number in range(40):
            gguf(tmp_path / "models" / f"{number:02}" / "m.gguf")
        assert len(self.found(tmp_path)) < 10


class TestTheCommand:
    def test_lists_them(self, capsys, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "a-secret-of-mine")
        assert models.run(argparse.Namespace(json=False)) == 0
        shown = capsys.readouterr().out
        assert "openai/" in shown
        assert "none" in shown
        assert "a-secret-of-mine" not in shown

    def test_answers_in_json(self, capsys):
        assert models.run(argparse.Namespace(json=True)) == 0
        assert checked(capsys.readouterr().out, "models")["models"][-1]["model"] == "none"
