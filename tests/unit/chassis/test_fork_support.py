"""gRPC is told to leave processes alone that a service starts."""

import os
import subprocess
import sys

import pytest

LOOK = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "grpc":
            print(os.environ.get("GRPC_ENABLE_FORK_SUPPORT"))
            sys.stdout.flush()
            os._exit(0)

sys.meta_path.insert(0, Watch())
import {module}
import chassis.grpc_server
"""


@pytest.mark.parametrize("module", ["dispatch_service.__main__", "gateway_service.__main__"])
def test_it_is_told_before_it_is_imported(module: str) -> None:
    ours = {name: value for name, value in os.environ.items() if name != "GRPC_ENABLE_FORK_SUPPORT"}
    look = [sys.executable, "-c", LOOK.format(module=module)]
    done = subprocess.run(look, env=ours, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
