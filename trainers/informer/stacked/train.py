"""Trains several configs of one shape as one model. Each trial's steps, reports and checkpoints are its own run's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import torch

from trainers.contract import RunContext
from trainers.informer.network import Informer
from trainers.informer.options import read_options
from trainers.informer.pace import Pace
from trainers.informer.precision import uses_bf16
from trainers.informer.resident import Resident
from trainers.informer.spaces import complete
from trainers.informer.stacked.member import Member
from trainers.informer.stacked.model import Stack
from trainers.informer.tasks import find
from trainers.informer.train import shape_of
from trainers.informer.windows import splits
from trainers.space import Config
from trainers.stacked_weights import Weights

End = tuple[int, Exception | None]  # a trial's place in the list, and what it failed with


def train_many(configs: Sequence[Config], ctxs: Sequence[RunContext]) -> Iterator[End]:
    """Trains each config with its own context, as `train` would, and tells of each trial when it ends.

    What goes wrong with one trial ends that one; an error that is nobody's is raised, for all that have not ended.
    """
    torch.set_num_threads(ctxs[0].threads)
    pack = Pack([complete(config) for config in configs], ctxs)
    yield from pack.begin()
    while pack.members:
        leaving = [m for m in pack.members if m.over() or m.must_end(pack.pace, len(pack.members))]
        if leaving:
            yield from pack.finish(leaving)
        else:
            pack.learn()
            yield from pack.report()


class Pack:
    """The trials that train, and what they share: data, a stack of weights, and how long things take."""

    def __init__(self, configs: Sequence[Config], ctxs: Sequence[RunContext]) -> None:
        first, task = ctxs[0], find(ctxs[0].task)
        self.device, self.pace = first.device, Pace()
        self.splits = splits(task, first.options, configs[0])
        self.data = Resident(self.splits, self.device)
        shape = shape_of(configs[0], self.splits)
        self.stack = Stack(shape, self.data, uses_bf16(read_options(task, first.options).precision, self.device))
        self.members, models = list[Member](), []
        for place, (config, ctx) in enumerate(zip(configs, ctxs, strict=True)):
            torch.manual_seed(ctx.seed)
            models.append(Informer(shape).to(self.device))
            self.members.append(Member(place, config, ctx, self.splits, self.data))
        self.weights, self.template = Weights(models), models[0]
        self.loss_sum_K, self.norm_K = (torch.zeros(len(models), device=self.device) for _ in range(2))

    def begin(self) -> Iterator[End]:
        """Takes up earlier attempts."""

        def take_up(member: Member) -> None:
            row = self.members.index(member)
            self.loss_sum_K[row] = member.take_up_in(self.weights, row)

        yield from self._each(list(self.members), take_up)
        self.pace.begin()

    def learn(self) -> None:
        """One optimiser step of every trial. Nothing is read back from the device."""
        members = self.members
        batches = [member.next_batch() for member in members]
        rows = [len(start_B) for start_B in batches]
        start_KB = torch.nn.utils.rnn.pad_sequence(batches, batch_first=True)
        self.stack.noise.set([m.generator for m in members], [m.config["dropout"] for m in members], rows)
        order_K = torch.arange(len(members), device=self.device)
        loss_K = self.stack.losses(self.weights.arranged(order_K), start_KB, rows)
        self.norm_K = self.weights.step(order_K, loss_K.sum(), [member.rate() for member in members])
        self.loss_sum_K += loss_K.detach()
        for member, count in zip(members, rows, strict=True):
            member.step += 1
            member.window += 1
            member.throughput.learned(count)
        self.pace.learned(start_KB.numel())

    # -- reporting ---------------------------------------------------------------

    def report(self) -> Iterator[End]:
        """Tells what is due of each trial. One whose loss is not finite ends here, the others learn on."""
        due = [member for member in self.members if member.due()]
        if not due:
            return
        told = dict(zip(self.members, zip(self.loss_sum_K.tolist(), self.norm_K.tolist(), strict=True), strict=True))
        self.loss_sum_K[[self.members.index(member) for member in due]] = 0.0

        def tell(member: Member) -> None:
            loss_sum, norm = told[member]
            member.ended = not member.tell(loss_sum / member.window, norm)
            member.window = 0

        yield from self._each(due, tell)
        at_end = [member for member in due if not member.ended and member.ends_epoch()]
        yield from self._validate(at_end)
        saved = [m for m in due if not m.ended and (m in at_end or m.wants_saving())]
        yield from self._each(saved, self._save)
        self.pace.begin()
        for member in self.members:
            member.throughput.begin()

    def _save(self, member: Member) -> None:
        row = self.members.index(member)
        member.save(self.weights, row, self.loss_sum_K[row], self.template)

    def _pause(self, member: Member) -> None:
        """It is pruned: another attempt may go on right here, and the test is for the end."""
        self._save(member)
        member.ended = True

    def _validate(self, members: Sequence[Member]) -> Iterator[End]:
        """Reports validation errors and keeps each model that is its trial's best yet; one that is not finite ends."""
        if not members:
            return
        started, start_N = time.monotonic(), self.data.starts(self.splits.val)
        scores = self.stack.evaluate(self.weights.of([self.members.index(m) for m in members]), start_N)
        self.pace.evaluated(len(start_N) * len(members), time.monotonic() - started)
        found = dict(zip(members, scores, strict=True))

        def validated(member: Member) -> None:
            member.ended = not member.validated(found[member], self.weights.state_dict(self.members.index(member)))

        yield from self._each(members, validated)

    def finish(self, leaving: Sequence[Member]) -> Iterator[End]:
        """Tests the best models of these trials, once, and leaves each in its trial's checkpoint folder."""
        yield from self._each([m for m in leaving if m.ctx.pruned and not m.over()], self._pause)
        leaving = [member for member in leaving if not member.ended]
        cut_short = [member for member in leaving if member.validated_at != member.step]
        yield from self._each(cut_short, self._save)  # an epoch cut short can be taken up where it stands
        yield from self._validate([member for member in cut_short if not member.ended])
        leaving = [member for member in leaving if not member.ended]
        if not leaving:
            return

        def keep_best(member: Member) -> None:
            self.template.load_state_dict(member.best["model"])
            member.keep_best(self.template, self.stack.bf16)

        yield from self._each(leaving, keep_best)
        leaving = [member for member in leaving if not member.ended]
        tested = [member for member in leaving if member.may_test(self.pace, len(leaving))]
        if tested:
            self._test(tested)
        yield from self._each(leaving, Member.end)

    def _test(self, members: Sequence[Member]) -> None:
        best = {name: torch.stack([m.best["model"][name] for m in members]) for name in self.weights.shapes}
        for member, scores in zip(members, self.stack.evaluate(best, self.data.starts(self.splits.test)), strict=True):
            member.test_scores = scores

    # -- trials that leave -------------------------------------------------------

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
        self.loss_sum_K, self.norm_K = self.loss_sum_K[rows], self.norm_K[rows]
        if rows:
            self.weights.keep(rows)
