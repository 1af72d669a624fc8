import pytest

from ._reached import REACHED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, found in sorted(REACHED.items()):
        cases = max(found["cases"], 1)
        shares = ", ".join(
            f"{key} {n} ({n / cases:.0%})" for key, n in sorted(found.items()) if key != "cases"
        )
        terminalreporter.write_line(f"journey: {name}: {found['cases']} cases: {shares}")
