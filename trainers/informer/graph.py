"""A training step recorded once as a CUDA graph and replayed: one launch for the several hundred of a step.

https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs. A step's first calls run as they are, on a stream of
their own as the recording wants it; nothing is trained twice. A batch of another size, an epoch's last, runs as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import torch
from torch import Tensor

_WARM_UP = 3  # steps, so that libraries have their workspaces and the optimiser its state


class StepGraph:
    """`step(start_B)`, which returns the gradients, from a graph as soon as there is one."""

    def __init__(self, step: Callable[[Tensor], list[Tensor]]) -> None:
        self.step, self.seen, self.works = step, 0, True
        self.graph: torch.cuda.CUDAGraph | None = None
        self.start_B: Tensor | None = None
        self.grads: list[Tensor] = []

    def __call__(self, start_B: Tensor) -> list[Tensor]:
        if self.start_B is None:
            self.start_B = start_B.clone()
        if not self.works or start_B.shape != self.start_B.shape:
            return self.step(start_B)
        self.seen += 1
        if self.seen <= _WARM_UP:
            return self._aside(start_B)
        self.start_B.copy_(start_B)
        if self.graph is None and not self._record():
            return self.step(start_B)
        assert self.graph is not None
        self.graph.replay()
        return self.grads

    def _aside(self, start_B: Tensor) -> list[Tensor]:
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            grads = self.step(start_B)
        torch.cuda.current_stream().wait_stream(stream)
        return grads

    def _record(self) -> bool:
        """False, and said in the log, where a step cannot be recorded: it then runs launch by launch."""
        assert self.start_B is not None
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self.grads = self.step(self.start_B)
        except RuntimeError as error:
            print(f"a training step cannot be recorded as a CUDA graph, it runs without: {error}", file=sys.stderr)
            self.works = False
            return False
        self.graph = graph
        return True
