"""What a process's /metrics said at a moment, and what happened between two moments."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

TIMEOUT_S = 1.0
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """One process at one moment."""

    at: float
    """Monotonic seconds."""
    samples: Mapping[str, list[tuple[Labels, float]]]
    """By the name of the sample: histograms have `_bucket`, `_sum`, `_count`, counters `_total`."""

    @classmethod
    def of(cls, text: str, at: float) -> Reading:
        samples: dict[str, list[tuple[Labels, float]]] = defaultdict(list)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                samples[sample.name].append((sample.labels, sample.value))
        return cls(at, samples)

    def total(self, name: str, **labels: str) -> float:
        return sum(self.each(name, **labels))

    def most(self, name: str) -> float:
        return max(self.each(name), default=0.0)

    def each(self, name: str, **labels: str) -> Iterable[float]:
        for found, value in self.samples.get(name, ()):
            if labels.items() <= found.items():
                yield value

    def values_of(self, name: str, label: str) -> list[str]:
        return sorted({labels[label] for labels, _ in self.samples.get(name, ())})


@dataclass(frozen=True)
class Between:
    """What one process did from one reading to the next; a counter that fell belongs to a new process."""

    before: Reading
    after: Reading

    def rate(self, name: str, **labels: str) -> float:
        """Per second."""
        return self.grown(name, **labels) / max(self.after.at - self.before.at, 1e-9)

    def grown(self, name: str, **labels: str) -> float:
        now, then = self.after.total(name, **labels), self.before.total(name, **labels)
        return now - then if now >= then else now

    def quantile(self, q: float, name: str, **labels: str) -> float | None:
        """In the histogram's unit, within the bucket's bounds; None when nothing was observed."""
        grown = [
            (float(bound), self.grown(f"{name}_bucket", le=bound, **labels))
            for bound in self.after.values_of(f"{name}_bucket", "le")
        ]
        grown.sort()
        count = grown[-1][1] if grown else 0.0
        if not count:
            return None
        lower, below = 0.0, 0.0
        for bound, cumulated in grown:
            if cumulated >= q * count:
                if math.isinf(bound):
                    return lower
                inside = cumulated - below
                return lower + (bound - lower) * ((q * count - below) / inside if inside else 1.0)
            lower, below = bound, cumulated
        return lower


async def read(addresses: Mapping[str, str]) -> dict[str, Reading]:
    """Process → its reading; `addresses` are host:port. Who does not answer is left out."""
    limit = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=limit) as session:

        async def one(address: str) -> Reading | None:
            try:
                async with session.get(f"http://{address}/metrics") as answer:
                    return Reading.of(await answer.text(), time.monotonic())
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
                return None

        found = await asyncio.gather(*map(one, addresses.values()))
    return {name: reading for name, reading in zip(addresses, found, strict=True) if reading}
