"""Lessons by meaning, with a real encoder: the embeddings of a small BERT, with a WordPiece vocabulary made from the shipped lessons."""

from __future__ import annotations

import json
import re
import string
from collections import Counter

import numpy as np
import pytest

from agent.lessons import rows
from agent.lessons.library import open_lessons
from agent.lessons.recall import recall
from agent.lessons.search import search
from agent.lessons.shipped import shipped
from agent.lessons.vectors import by_meaning
from agent.llm.embedder import embedder
from agent.llm.errors import LLMError
from tests.agent.lessons.kit import built_in
from tests.agent.llm.local.tiny import needs_transformers

pytestmark = needs_transformers


def pieces() -> list[str]:
    """A vocabulary of the shipped lessons' letters and of the stretches of 3 to 6 that are met most often. Not trained:
    the trainer of `tokenizers` breaks ties by chance."""
    counts: Counter[str] = Counter()
    for word in re.findall(r"[a-z]+", " ".join(one.text for one in shipped()).lower()):
        for start in range(len(word)):
            for size in range(3, 7):
                if start + size <= len(word):
                    counts[("##" if start else "") + word[start : start + size]] += 1
    signs = sorted({c for one in shipped() for c in one.text.lower() if not c.isspace()} | set(string.ascii_lowercase))
    frequent = sorted(counts, key=lambda piece: (-counts[piece], piece))[:1_500]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs, *(f"##{c}" for c in signs), *frequent]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """Its vectors of pieces of words are drawn, not trained, and nothing mixes them: texts that share pieces lie near
    each other."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    vocabulary = {piece: number for number, piece in enumerate(pieces())}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        num_hidden_layers=0,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.5,
    )
    model = BertModel(config)
    torch.nn.init.zeros_(model.embeddings.position_embeddings.weight)
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def on(encoder, monkeypatch):
    monkeypatch.setenv("TUNEWRIGHT_EMBEDDER", str(encoder))
    return encoder


def test_vectors_have_length_1_and_do_not_depend_on_their_company(encoder):
    model = embedder(str(encoder))
    alone, short = model.embed(["Search C and gamma together."]), model.embed(["Stop early."])
    together = model.embed(["Search C and gamma together.", "Stop early.", "x " * 5_000])
    assert len(together) == 3
    assert all(np.linalg.norm(vector) == pytest.approx(1, abs=1e-5) for vector in together)
    np.testing.assert_allclose(together[0], alone[0], atol=1e-5)
    np.testing.assert_allclose(together[1], short[0], atol=1e-5)
    assert model.embed([]) == []


def test_the_nearest_lesson_comes_first(on):
    with open_lessons() as library:
        for one in rows.all_of(library)[:10]:
            assert by_meaning(library, one.text[: len(one.text) * 2 // 3], 5)[0] == one.id


def test_what_no_word_finds_is_found_by_its_pieces(on):
    """Every word is misspelt, so that full text has nothing."""
    with open_lessons() as library:
        found = [one.uid for one in search(library, "dropoutt overfitts networkss traininng dataa")]
    assert "shipped:dropout-if-overfitting" in found[:5]


def test_vectors_are_kept_and_made_anew_for_a_text_that_changed(on):
    with open_lessons() as library:
        search(library, "dropout")
        kept = dict(library.rows("SELECT lesson_id, vector FROM embedding"))
        assert len(kept) == len(shipped())
        one = rows.by_uid(library, "shipped:patience")
        rows.edit(library, one.id, text="Wait for ten evaluations.")
        search(library, "dropout")
        now = dict(library.rows("SELECT lesson_id, vector FROM embedding"))
        assert [i for i in now if now[i] != kept[i]] == [one.id]


def test_another_model_makes_its_own(on, encoder, tmp_path, monkeypatch):
    import shutil

    with open_lessons() as library:
        search(library, "dropout")
        other = shutil.copytree(encoder, tmp_path / "other")
        monkeypatch.setenv("TUNEWRIGHT_EMBEDDER", str(other))
        search(library, "dropout")
        assert [row[0] for row in library.rows("SELECT DISTINCT model FROM embedding")] == [embedder(str(other)).name]


def test_recall_goes_by_meaning_too(on):
    study = built_in("forest", "svm-wine")
    assert recall(study)[0].uid.startswith("shipped:svm")
    assert recall(study) == recall(study)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "the folder holds no model: there is no config.json"),
        ({}, "transformers cannot load it"),
        ({"model_type": "bert"}, "transformers cannot load it"),
    ],
)
def test_a_folder_that_holds_no_encoder_is_said_to(tmp_path, monkeypatch, content, said):
    if content is not None:
        (tmp_path / "config.json").write_text(json.dumps(content))
    monkeypatch.setenv("TUNEWRIGHT_EMBEDDER", str(tmp_path))
    with open_lessons() as library, pytest.raises(LLMError) as caught:
        search(library, "dropout")
    assert said in str(caught.value) and str(tmp_path) in str(caught.value)


def test_without_the_variable_nothing_is_loaded():
    with open_lessons() as library:
        assert by_meaning(library, "dropout", 5) == []
