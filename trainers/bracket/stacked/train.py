"""Trains several configs of one shape as one model. Each trial's steps, reports and checkpoints are its own run's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import torch

from trainers.bracket import data
from trainers.bracket.batches import Corpus
from trainers.bracket.models import build
from trainers.bracket.stacked.batch import stack
from trainers.bracket.stacked.member import Member
from trainers.bracket.stacked.model import Stacked, evaluate
from trainers.bracket.stacked.models import STACKED
from trainers.bracket.stacked.noise import Noise
from trainers.bracket.tasks import find, train_samples
from trainers.bracket.train import BETAS, CLIP, learning_rate
from trainers.contract import RunContext
from trainers.space import Config
from trainers.stacked_weights import Weights

End = tuple[int, Exception | None]  # a trial's place in the list, and what it failed with


def train_many(configs: Sequence[Config], ctxs: Sequence[RunContext]) -> Iterator[End]:
    """Trains each config with its own context, as `train` would, and tells of each trial when it ends.

    What goes wrong with one trial ends that one; an error that is nobody's is raised, for all that have not ended.
    """
    torch.set_num_threads(ctxs[0].threads)
    pack = Pack(configs, ctxs)
    yield from pack.begin()
    while pack.members:
        leaving = [m for m in pack.members if m.step >= m.total or m.must_end(pack.evaluation_seconds)]
        if leaving:
            yield from pack.finish(leaving)
        else:
            pack.learn()
            yield from pack.report()


class Pack:
    """The trials that train, and what they share: data, a stack of weights, and the time evaluations take."""

    def __init__(self, configs: Sequence[Config], ctxs: Sequence[RunContext]) -> None:
        first, task = ctxs[0], find(ctxs[0].task)
        self.device = first.device
        splits = data.splits(train_samples(task, first.options), task.mode)
        self.corpus = Corpus(splits.train, self.device)
        self.val, self.test = (Corpus(part, self.device).all() for part in (splits.val, splits.test))
        self.stacked: Stacked = STACKED[task.architecture](configs[0])
        self.members, models = list[Member](), []
        for place, (config, ctx) in enumerate(zip(configs, ctxs, strict=True)):
            torch.manual_seed(ctx.seed)
            models.append(build(task.architecture, config, self.device))
            self.members.append(Member(place, config, ctx, self.corpus, self.device))
        self.weights, self.template = Weights(models, BETAS, CLIP), models[0]
        self.evaluation_seconds = 0.0
        self.loss_sum_K, self.largest_norm_K = (torch.zeros(len(models), device=self.device) for _ in range(2))

    def begin(self) -> Iterator[End]:
        """Takes up earlier attempts, and validates the others before their first step."""
        fresh: list[Member] = []

        def take_up(member: Member) -> None:
            if not member.take_up_in(self.weights, self.members.index(member)):
                fresh.append(member)

        yield from self._each(list(self.members), take_up)
        yield from self._validate(fresh)

    def learn(self) -> None:
        """One optimiser step of every trial. Nothing is read back from the device."""
        members = self.members
        batch = stack(self.corpus, [member.next_rows() for member in members])
        in_order = [members[row] for row in batch.order]
        noise = Noise([m.generator for m in in_order], [m.config["dropout"] for m in in_order])
        order_K = torch.tensor(batch.order).to(self.device, non_blocking=True)
        loss_K = self.stacked.losses(self.weights.arranged(order_K), batch, noise)
        rates = [learning_rate(m.step, m.total, m.config["lr"]) for m in members]
        norm_K = self.weights.step(order_K, loss_K.sum(), rates)
        self.loss_sum_K.index_add_(0, order_K, loss_K.detach())
        self.largest_norm_K = torch.maximum(self.largest_norm_K, norm_K)
        for member, size in zip(in_order, batch.sizes, strict=True):
            member.throughput.learned(size.rows)
            member.window += 1
            member.step += 1

    # -- reporting ---------------------------------------------------------------

    def report(self) -> Iterator[End]:
        """Tells what is due of each trial. One whose loss is not finite ends here, the others learn on."""
        due = [member for member in self.members if member.due(member.report_every)]
        if not due:
            return
        sums = torch.stack([self.loss_sum_K, self.largest_norm_K]).tolist()
        told = dict(zip(self.members, zip(*sums, strict=True), strict=True))
        rows = [self.members.index(member) for member in due]
        self.loss_sum_K[rows], self.largest_norm_K[rows] = 0.0, 0.0

        def tell(member: Member) -> None:
            loss_sum, norm = told[member]
            member.ended = not member.tell(loss_sum / member.window, norm, **member.throughput.take())

        yield from self._each(due, tell)
        evaluated = [member for member in due if not member.ended and member.due(member.evaluate_every)]
        yield from self._validate(evaluated)
        going_on = [member for member in evaluated if not member.ended]
        yield from self._each(going_on, lambda m: m.save(self.weights, self.members.index(m), self.template))
        if evaluated:  # all have waited for it
            for member in self.members:
                member.throughput.begin()

    def _validate(self, members: Sequence[Member]) -> Iterator[End]:
        """Reports validation scores and keeps each model that is its trial's best yet."""
        if not members:
            return
        started = time.monotonic()
        scores = evaluate(self.stacked, self.weights.of([self.members.index(m) for m in members]), self.val)
        self.evaluation_seconds = max(self.evaluation_seconds, time.monotonic() - started)
        found = dict(zip(members, scores, strict=True))
        yield from self._each(members, lambda m: m.validated(found[m], self.weights.state_dict(self.members.index(m))))

    def finish(self, leaving: Sequence[Member]) -> Iterator[End]:
        """Tests the best models of these trials, once, and leaves each in its trial's checkpoint folder."""
        yield from self._each([m for m in leaving if m.step < m.total and m.ctx.should_stop()], self._pause)
        leaving = [member for member in leaving if not member.ended]
        yield from self._validate([member for member in leaving if member.evaluated_at != member.step])
        leaving = [member for member in leaving if not member.ended]
        if not leaving:
            return
        best = {name: torch.stack([m.best["model"][name] for m in leaving]) for name in self.weights.shapes}
        scores = dict(zip(leaving, evaluate(self.stacked, best, self.test), strict=True))

        def end(member: Member) -> None:
            self.template.load_state_dict(member.best["model"])
            member.tested(scores[member], self.template, self.val)
            member.ended = True

        yield from self._each(leaving, end)

    # -- trials that leave -------------------------------------------------------

    def _pause(self, member: Member) -> None:
        """Its end was asked for: another attempt may go on right here. What is pruned needs no test."""
        member.save(self.weights, self.members.index(member), self.template)
        member.ended = member.ctx.pruned

    def _each(self, members: Sequence[Member], action: Callable[[Member], None]) -> Iterator[End]:
        """Does something for each trial. Those that end, or fail at it, leave the stack and are told of."""
        ends: list[End] = []
        for member in members:
            try:
                action(member)
            except Exception as error:  # noqa: BLE001 (its folder, its disk: whatever it is, the neighbours have no part)
                member.ended = True
                ends.append((member.place, error))
                continue
            if member.ended:
                ends.append((member.place, None))
        self._leave_out_ended()
        yield from ends

    def _leave_out_ended(self) -> None:
        rows = [row for row, member in enumerate(self.members) if not member.ended]
        if len(rows) == len(self.members):
            return
        self.members = [self.members[row] for row in rows]
        self.loss_sum_K, self.largest_norm_K = self.loss_sum_K[rows], self.largest_norm_K[rows]
        if rows:
            self.weights.keep(rows)
