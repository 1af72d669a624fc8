"""`python -m dispatch_service.template_check_child`: reads template texts as JSON strings, a line each, and answers each
with a line, a JSON string that says what is wrong with it. Ends with its input.

A text that takes too much processor time or memory ends the process; nothing else runs in it, and it knows no secret.
"""

import json
import resource
import sys

from dispatch_service.rendering import LiquidRenderer

MEMORY = 512 * 1024 * 1024
"""Bytes of address space; the interpreter and the library take about 60 MB."""
CPU_S = 2
"""Seconds of one text."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    renderer = LiquidRenderer()
    for line in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + CPU_S, hard))
        sys.stdout.write(json.dumps(renderer.problem(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
