"""Where metrics are found, whose they are, and what is said when the door cannot open."""

import socket
from urllib.request import urlopen

import pytest
from chassis import metrics
from waypost_dev.ports import pick_free


def test_every_sample_names_its_service() -> None:
    metrics.DEAD_LETTERS.labels("SEND", "key_missing").inc()
    port = pick_free()
    with (
        metrics.serving("dispatch", f"127.0.0.1:{port}"),
        urlopen(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    assert any(line.startswith("waypost_dead_letters_total{") for line in lines)
    assert all('service="dispatch"' in line for line in lines)
    with pytest.raises(OSError):
        urlopen(f"http://127.0.0.1:{port}/metrics")


def test_without_a_place_there_is_no_door() -> None:
    with metrics.serving("dispatch", ""):
        pass


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:", "127.0.0.1:99999999"])
def test_a_place_that_is_none_is_named(listen: str) -> None:
    with (
        pytest.raises(OSError, match=r"WAYPOST_METRICS_LISTEN.*host:port"),
        metrics.serving("dispatch", listen),
    ):
        pass


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(OSError, match=f"127.0.0.1:{port}"),
            metrics.serving("dispatch", f"127.0.0.1:{port}"),
        ):
            pass
