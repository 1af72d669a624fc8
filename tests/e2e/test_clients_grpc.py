"""A gRPC client that knows none of our stubs: what it learns by reflection, and that learning opens nothing."""

import importlib
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_requests.aio import AsyncClient
from waypost_dev.names import SERVICES
from waypost_dev.stack import Stack

PROTOS = Path(__file__).parents[2] / "protos"
OPEN = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


def contracts(service: str) -> dict[str, set[str]]:
    """The service's gRPC services with their methods, from its contracts and those that every service serves."""
    found = {}
    for path in (*PROTOS.glob(f"waypost/{service}/v1/*.proto"), *PROTOS.glob("waypost/common/v1/*.proto")):
        name = str(path.relative_to(PROTOS)).removesuffix(".proto").replace("/", ".") + "_pb2"
        for one in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            found[one.full_name] = {method.name for method in one.methods}
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_every_method_is_listed_and_none_answers_without_a_context(stack: Stack, service: str) -> None:
    # A pool of its own: the stubs that this process has loaded must not help.
    async with AsyncClient(stack.environment.address(service), descriptor_pool=DescriptorPool()) as client:
        listed = set(await client.service_names()) - OPEN
        methods = {name: set(await client.get_methods_meta(name)) for name in listed}
        assert methods == contracts(service)
        for name in methods:
            for method in methods[name]:
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await client.request(name, method, {}, timeout=10)
                assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED, method
