"""The contracts: stubs are fresh, and every file keeps the house's rules."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from grpc_tools import protoc

ROOT = Path(__file__).parents[2] / "protos"
SOURCES = sorted(ROOT.glob("waypost/**/*.proto"))
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]

NAMED_BY_THEIR_CONTENT = ("RecordCallback", "Unsubscribe", "Suppress", "UseCredits")
"""They come from outside, without an id of ours, or carry versions or ids of messages: what they say is the same however
often it is said."""


def files() -> Iterator[FileDescriptor]:
    for name in NAMES:
        importlib.import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
        yield descriptor_pool.Default().FindFileByName(name)


def test_the_committed_stubs_are_those_of_the_contracts(tmp_path: Path) -> None:
    google = Path(protoc.__file__).parent / "_proto"
    arguments = [
        f"-I{ROOT}",
        f"-I{google}",
        f"--python_out={tmp_path}",
        f"--pyi_out={tmp_path}",
        f"--grpc_python_out={tmp_path}",
    ]
    assert protoc.main(["protoc", *arguments, *NAMES]) == 0
    fresh = {str(p.relative_to(tmp_path)): p.read_bytes() for p in tmp_path.rglob("*.py*")}
    kept = ROOT / "gen"
    committed = {
        str(p.relative_to(kept)): p.read_bytes()
        for p in kept.rglob("*.py*")
        if p.suffix in (".py", ".pyi") and p.name != "__init__.py"
    }
    assert sorted(fresh) == sorted(committed)
    stale = [name for name, content in fresh.items() if committed[name] != content]
    assert not stale, "run protoc again for these"


def test_a_package_is_its_folder_and_imports_only_common_and_google() -> None:
    for file in files():
        assert file.package.replace(".", "/") == str(Path(file.name).parent), file.name
        for dependency in file.dependencies:
            own = dependency.package == file.package
            allowed = own or dependency.package.startswith(("waypost.common.", "google."))
            assert allowed, f"{file.name} imports {dependency.name}"


def test_enums_start_at_unspecified_and_carry_their_name() -> None:
    for file in files():
        nested = [e for message in file.message_types_by_name.values() for e in message.enum_types]
        for enum in [*file.enum_types_by_name.values(), *nested]:
            zero = enum.values_by_number[0].name
            assert zero.endswith("_UNSPECIFIED"), enum.full_name
            prefix = zero.removesuffix("UNSPECIFIED")
            assert all(value.name.startswith(prefix) for value in enum.values), enum.full_name


def test_every_rpc_has_its_own_messages_and_says_whether_it_may_be_repeated() -> None:
    count = 0
    for file in files():
        for service in file.services_by_name.values():
            for method in service.methods:
                count += 1
                where = method.full_name
                assert method.input_type.full_name == f"{file.package}.{method.name}Request", where
                assert method.output_type.full_name == f"{file.package}.{method.name}Response", where
                level = method.GetOptions().idempotency_level
                assert level != MethodOptions.IDEMPOTENCY_UNKNOWN, where
                if level == MethodOptions.IDEMPOTENT and method.name not in NAMED_BY_THEIR_CONTENT:
                    assert method.input_type.fields[-1].name == "request_id", where
    assert count > 20


def test_lists_page_alike() -> None:
    for file in files():
        for service in file.services_by_name.values():
            for method in service.methods:
                fields = method.input_type.fields_by_name
                if "page_size" not in fields:
                    continue
                assert "page_token" in fields, method.full_name
                answer = method.output_type
                assert "next_page_token" in answer.fields_by_name, method.full_name
                first = answer.fields_by_number[1]
                assert first.is_repeated, method.full_name


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_no_field_holds_a_moment_as_a_number(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    file = descriptor_pool.Default().FindFileByName(name) if path.exists() else None
    assert file is not None
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    for message in proto.message_type:
        for field in message.field:
            if field.name.endswith("_time"):
                assert field.type_name == ".google.protobuf.Timestamp", f"{message.name}.{field.name}"
