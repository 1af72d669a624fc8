"""`make fuzz T=body [MINUTES=5]`: coverage-guided search for bytes that a target cannot stand (atheris, libFuzzer).

What is found is written to .cache/fuzz/<target>/ and printed; a finding becomes a seed in inputs.py and a test.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["gateway_service", "rules", "journey_service.domain", "dispatch_service", "liquid"]
):
    from tests.fuzz.inputs import SEEDS
    from tests.fuzz.targets import TARGETS, in_time


def main() -> None:
    name, seconds = sys.argv[1], int(float(sys.argv[2]))
    if name not in TARGETS:
        raise SystemExit(f"no target {name!r}; choose from {', '.join(TARGETS)}")
    target: Callable[[bytes], int] = TARGETS[name]
    folder = Path(".cache/fuzz") / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        in_time(target, data)

    options = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=20", "-rss_limit_mb=1500"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
