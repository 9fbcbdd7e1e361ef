"""Randomness that is the same on every Python version.

Only `random.Random(int).random()` is promised to give the same numbers for ever; the
other methods of `Random` may change. So everything here is built on that one method.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import log
from random import Random
from typing import Any

_INDEX_BITS = 40
_STREAM_BITS = 8


class Weighted:
    """Items with weights, to be drawn by `Dice.draw`."""

    __slots__ = ("items", "bounds")

    def __init__(self, weights: dict[Any, float]) -> None:
        self.items = tuple(weights)
        total = sum(weights.values())
        # Without the last bound, so that rounding can never lead past the last item.
        self.bounds = [bound / total for bound in accumulate(weights.values())][:-1]


class Dice:
    """One stream of chance, told apart by the run's seed, a stream and an index."""

    __slots__ = ("random",)

    def __init__(self, seed: int, stream: int, index: int) -> None:
        self.random = Random(
            (seed << (_STREAM_BITS + _INDEX_BITS)) | (stream << _INDEX_BITS) | index
        ).random

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, items: Sequence[Any]) -> Any:
        return items[int(self.random() * len(items))]

    def draw(self, weighted: Weighted) -> Any:
        return weighted.items[bisect_right(weighted.bounds, self.random())]

    def wait(self, mean: float) -> float:
        """An exponential waiting time."""
        return -mean * log(1.0 - self.random())

    def steady_wait(self, mean: float) -> float:
        """A waiting time that is less scattered than an exponential one (Erlang, 2)."""
        return self.wait(mean / 2) + self.wait(mean / 2)

    def spread(self) -> float:
        """A factor around 1, from 0.4 to 1.6, most often near 1."""
        return 0.4 + 0.4 * (self.random() + self.random() + self.random())
