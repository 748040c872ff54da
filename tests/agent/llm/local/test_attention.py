"""Attention: what may be asked for, what is recorded, and that both kinds of model show the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm import insight
from agent.llm.attention import Recorder, Recording, Wanted, parse, prompt_lines
from agent.llm.backend import Backend
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.gguf import GgufBackend
from agent.llm.hf import HfBackend
from agent.llm.names import parse_model
from tests.agent.llm.local.asking import ask
from tests.agent.llm.local.tiny import HEADS, LAYERS, needs_llama, needs_transformers
from trainers.errors import TunewrightError


class TestWhatIsWanted:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("layers=0,-1 heads=all", Wanted((0, -1), None)),
            ("heads=3", Wanted((-1,), (3,))),
            ("layers=all", Wanted(None, None)),
            ("layers=2,2,1", Wanted((2, 1), None)),
        ],
    )
    def test_is_read(self, text: str, wanted: Wanted) -> None:
        assert parse(text) == wanted

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("layers=0,x", "'layers=0,x' is not a list of whole numbers, nor 'all'"),
            ("layer=0", r"'layer=0' is neither layers=… nor heads=… Did you mean 'layers'\?"),
            ("layers 0", "'layers' is neither"),
            ("layers=0 layers=1", "layers is given twice"),
            ("heads=", "'heads=' is not a list"),
        ],
    )
    def test_the_faulty_part_is_named(self, text: str, part: str) -> None:
        with pytest.raises(LLMError, match=part) as caught:
            parse(text)
        assert caught.value.kind is LLMErrorKind.REQUEST

    def test_is_held_against_the_model(self) -> None:
        assert parse("layers=0,-1,11 heads=all").of(12, 3) == ((0, 11), (0, 1, 2))
        for text, part in (
            ("layers=12", "layers=12: this model has layers 0 to 11"),
            ("heads=-4", "heads=-4: .* 0 to 2"),
        ):
            with pytest.raises(LLMError, match=part):
                parse(text).of(12, 3)


@given(st.lists(st.sampled_from(["a", " b", "\n", "\n\n", ".\n", "\nc", "", "d\n\n"]), min_size=1))
def test_every_token_of_a_prompt_belongs_to_a_line(tokens: list[str]) -> None:
    lines, line_of = prompt_lines(tokens)
    assert len(line_of) == len(tokens)
    assert sorted(set(line_of)) == list(range(len(lines)))
    assert list(line_of) == sorted(line_of)
    assert [line for line in lines if line] == [line for line in "".join(tokens).split("\n") if line]


class TestARecorder:
    PROMPT = ("<s>", "lr", "=1", "\n", "loss", "=2", "\n")

    def rows(self, count: int) -> list[np.ndarray]:
        rng = np.random.default_rng(0)
        made = []
        for i in range(count):
            row = rng.random((2, 3, len(self.PROMPT) + i), np.float32)
            made.append(row / row.sum(-1, keepdims=True))
        return made

    def recording(self, count: int, limit: int = 1 << 20) -> Recording:
        recorder = Recorder((0, 5), (0, 1, 2), self.PROMPT, limit)
        for row in self.rows(count):
            recorder.add(row)
        return recorder.recording([f"w{i} " for i in range(count)])

    def test_keeps_the_shares_of_lines_for_each_head_and_of_tokens_in_the_mean(self) -> None:
        kept, rows = self.recording(4), self.rows(4)
        assert kept.lines == ("<s>lr=1", "loss=2")
        assert kept.heads_QLHN.shape == (4, 2, 3, 3) and kept.mean_QK.shape == (4, 7)
        np.testing.assert_allclose(kept.heads_QLHN.sum(-1), 1, rtol=1e-5)
        np.testing.assert_allclose(
            kept.heads_QLHN[3, 1, 2],
            [rows[3][1, 2, :4].sum(), rows[3][1, 2, 4:7].sum(), rows[3][1, 2, 7:].sum()],
            rtol=1e-5,
        )
        np.testing.assert_allclose(kept.mean_QK[2], rows[2][..., :7].mean((0, 1)), rtol=1e-5)

    def test_compares_lines_without_the_first_token(self) -> None:
        kept, rows = self.recording(4), self.rows(4)
        mean = np.mean([rows[i][..., :7].mean((0, 1)) for i in (1, 3)], axis=0)
        first, second = mean[1:4].sum(), mean[4:7].sum()
        assert kept.weights([1, 3]) == pytest.approx([first / (first + second), second / (first + second)])
        assert kept.weights([]) == [0.0, 0.0]

    @pytest.mark.parametrize("count", [1, 7, 8, 9, 50])
    def test_a_long_reply_is_averaged_in_blocks_and_never_takes_more_than_its_limit(self, count: int) -> None:
        row_bytes = 4 * (7 + 2 * 3 * 3)
        kept, rows = self.recording(count, limit=8 * row_bytes), self.rows(count)
        assert kept.mean_QK.nbytes + kept.heads_QLHN.nbytes <= 9 * row_bytes  # the last block may be a part
        assert len(kept.mean_QK) == -(-count // kept.block)
        block = [row[..., :7].mean((0, 1)) for row in rows[: kept.block]]
        np.testing.assert_allclose(kept.mean_QK[0], np.mean(block, axis=0), rtol=1e-4)
        last = (len(kept.mean_QK) - 1) * kept.block
        np.testing.assert_allclose(
            kept.mean_QK[-1], np.mean([r[..., :7].mean((0, 1)) for r in rows[last:]], axis=0), rtol=1e-4
        )
        assert kept.weights([count - 1]) == pytest.approx(kept.weights(range(last, count)))

    def test_goes_into_a_file_and_comes_back(self, tmp_path: Path) -> None:
        kept = self.recording(5)
        noted = insight.kept({"finish": "stop", "attention": kept}, tmp_path, 12)
        assert noted["attention"]["file"] == "attention-12.npz"
        assert [text for text, _ in noted["attention"]["lines"]] == list(kept.lines)
        assert list((tmp_path / "insight").iterdir()) == [tmp_path / "insight" / "attention-12.npz"]
        found = insight.recording_of(noted, tmp_path)
        assert found is not None
        assert (found.lines, found.reply, found.layers, found.block) == (
            kept.lines,
            kept.reply,
            kept.layers,
            kept.block,
        )
        np.testing.assert_array_equal(found.heads_QLHN, kept.heads_QLHN)

    def test_a_file_that_is_gone_or_damaged_is_named(self, tmp_path: Path) -> None:
        noted = insight.kept({"attention": self.recording(2)}, tmp_path, 3)
        path = tmp_path / "insight" / "attention-3.npz"
        path.write_bytes(path.read_bytes()[:100])
        with pytest.raises(TunewrightError, match=r"attention-3\.npz: .*the file is damaged"):
            insight.recording_of(noted, tmp_path)
        path.unlink()
        with pytest.raises(TunewrightError, match="there is no such file"):
            insight.recording_of(noted, tmp_path)

    def test_a_folder_that_cannot_be_written_costs_the_recording_only(self, tmp_path: Path) -> None:
        (tmp_path / "insight").write_text("in the way")
        noted = insight.kept({"finish": "stop", "attention": self.recording(1)}, tmp_path, 4)
        assert noted["finish"] == "stop" and "could not be written" in noted["attention"]["problem"]
        with pytest.raises(TunewrightError, match="the attention was not kept"):
            insight.recording_of(noted, tmp_path)


SCHEMA = {"type": "object", "properties": {"lr": {"type": "number"}, "opt": {"enum": ["a", "b"]}}, "required": ["lr", "opt"]}  # fmt: skip


@needs_llama
@needs_transformers
class TestBothKinds:
    async def recorded(self, backend: Backend, **changes: object) -> Recording:
        piece = await ask(backend, attention="layers=all heads=all", **changes)
        found = piece.extra["attention"]
        assert isinstance(found, Recording)
        assert "".join(found.reply) == piece.text
        return found

    async def test_show_the_same(self, tiny_gguf: Path, tiny_hf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("agent.llm.hf._cpu_has_bf16", lambda torch: False)  # 32 bits, as in the GGUF
        gguf, hf = GgufBackend(parse_model(f"local:{tiny_gguf}")), HfBackend(parse_model(f"hf:{tiny_hf}"))
        ours, theirs = [await self.recorded(b, temperature=0.0, max_tokens=30) for b in (gguf, hf)]
        await gguf.close()
        await hf.close()
        assert ours.lines == theirs.lines
        assert ours.lines[:2] == ("<|im_start|>system", "You tune models.<|im_end|>")
        assert ours.heads_QLHN.shape[1:3] == (LAYERS, HEADS)
        for found in (ours, theirs):
            np.testing.assert_allclose(found.heads_QLHN.sum(-1), 1, atol=1e-4)
        np.testing.assert_allclose(ours.heads_QLHN, theirs.heads_QLHN, atol=5e-3)  # llama.cpp's cache has 16 bits
        np.testing.assert_allclose(ours.mean_QK, theirs.mean_QK, atol=5e-3)

    async def test_the_rows_of_chosen_layers_and_heads_are_those_of_all(self, tiny_gguf: Path) -> None:
        gguf = GgufBackend(parse_model(f"local:{tiny_gguf}"))
        whole = await self.recorded(gguf, temperature=0.0, max_tokens=8)
        part = (await ask(gguf, attention="layers=-1 heads=2,0", temperature=0.0, max_tokens=8)).extra["attention"]
        await gguf.close()
        assert (part.layers, part.heads) == ((LAYERS - 1,), (2, 0))
        np.testing.assert_allclose(part.heads_QLHN[:, 0], whole.heads_QLHN[:, LAYERS - 1][:, [2, 0]], atol=1e-6)

    async def test_a_proposal_finds_its_values(self, tiny_gguf: Path) -> None:
        gguf = GgufBackend(parse_model(f"local:{tiny_gguf}"))
        found = await self.recorded(gguf, schema=SCHEMA, max_tokens=300)
        reply = "".join(found.reply)
        await gguf.close()
        looked = insight.looked_at(found, {"lr": 0.5, "opt": "a"})
        assert set(looked) == {"lr", "opt"}, reply
        assert all(sum(shares) == pytest.approx(1) for shares in looked.values())
        assert insight.overall(looked) == pytest.approx([(a + b) / 2 for a, b in zip(*looked.values(), strict=True)])

    @pytest.mark.parametrize("kind", ["gguf", "hf"])
    async def test_a_layer_it_has_not_is_refused(self, kind: str, tiny_gguf: Path, tiny_hf: Path) -> None:
        backend = (
            GgufBackend(parse_model(f"local:{tiny_gguf}"))
            if kind == "gguf"
            else HfBackend(parse_model(f"hf:{tiny_hf}"))
        )
        with pytest.raises(LLMError, match="layers=7: this model has layers 0 to 1"):
            await ask(backend, attention="layers=7")
        assert (await ask(backend, max_tokens=2)).finish == "length"
        await backend.close()


def test_of_several_configs_the_likest_is_looked_at() -> None:
    reply = ('[{"lr": 0', ".1, ", '"opt": "a"}, {"lr": ', "0.2", ', "opt": "b"}]')
    mean_QK = np.eye(5, 4, dtype=np.float32)
    heads = np.zeros((5, 1, 1, 5), np.float32)
    found = Recording((0,), (0,), ("s", "x", "y", "z"), (0, 1, 2, 3), reply, 1, mean_QK, heads)
    assert insight.looked_at(found, {"lr": 0.2000001})["lr"] == [0.0, 0.0, 0.0, 1.0]
    assert insight.looked_at(found, {"lr": 0.1})["lr"] == [0.0, 1.0, 0.0, 0.0]
    assert insight.looked_at(found, {"momentum": 1}) == {}
