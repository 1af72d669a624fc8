"""A contract that breaks its promise is named; one that grows, or is v1alpha, is not."""

from pathlib import Path

import pytest
from waypost_dev.errors import DevError
from waypost_dev.release import contracts

RULES = Path(__file__).parents[3] / "protos" / "buf.yaml"
OLD = """
syntax = "proto3";
package waypost.tea.v1;
service TeaService {
  rpc Pour(PourRequest) returns (PourResponse) { option idempotency_level = IDEMPOTENT; }
  rpc Sip(PourRequest) returns (PourResponse);
}
message PourRequest { string cup = 1; oneof how { string slowly = 2; string fast = 3; } repeated string guests = 4; }
message PourResponse { Kind kind = 1; }
message Leaf { int32 size = 1; }
enum Kind { KIND_UNSPECIFIED = 0; KIND_GREEN = 1; }
"""
BROKEN = {
    'Field "1" with name "cup" on message "PourRequest" changed type': ("string cup", "bytes cup"),
    'name from "cup" to "mug"': ("string cup", "string mug"),
    'Previously present field "1" with name "cup"': ("string cup = 1;", ""),
    "changed cardinality": ("repeated string guests", "string guests"),
    "moved from inside to outside a oneof": (
        "oneof how { string slowly = 2; string fast = 3; }",
        "string slowly = 2; string fast = 3;",
    ),
    'Previously present RPC "Sip"': ("rpc Sip(PourRequest) returns (PourResponse);", ""),
    'RPC "Sip" on service "TeaService" changed request type': ("Sip(PourRequest)", "Sip(Leaf)"),
    'RPC "Pour" on service "TeaService" changed': ("IDEMPOTENT", "NO_SIDE_EFFECTS"),
    'Previously present enum value "1"': (" KIND_GREEN = 1;", ""),
    'message "Leaf" was deleted': ("message Leaf { int32 size = 1; }", ""),
    'Previously present package "waypost.tea.v1"': ("package waypost.tea.v1", "package waypost.tea.v2"),
}


def change(folder: Path, package: str, old: str, new: str) -> list[str]:
    """What is broken when the contract `old` of the package becomes `new`."""
    protos, image = folder / "protos", folder / "released.binpb"
    file = protos / package.replace(".", "/") / "tea.proto"
    file.parent.mkdir(parents=True)
    (protos / "buf.yaml").write_text(RULES.read_text())
    file.write_text(old)
    contracts.snapshot(protos, image)
    file.write_text(new)
    return contracts.breaking(image, protos)


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_promise_is_named(said: str, tmp_path: Path) -> None:
    before, after = BROKEN[said]
    new = OLD.replace(before, after)
    assert new != OLD
    found = change(tmp_path, "waypost.tea.v1", OLD, new)
    assert any(said in sentence for sentence in found), found


def test_growth_and_what_is_reserved_are_welcome(tmp_path: Path) -> None:
    new = (
        OLD.replace("string cup = 1;", 'reserved 1; reserved "cup"; string pot = 5;')
        .replace("KIND_GREEN = 1;", "KIND_GREEN = 1; KIND_BLACK = 2;")
        .replace("message Leaf", "message Flower { int32 size = 1; } message Leaf")
    )
    assert change(tmp_path, "waypost.tea.v1", OLD, new) == []


def test_what_is_alpha_may_change(tmp_path: Path) -> None:
    old = OLD.replace("tea.v1;", "tea.v1alpha;")
    assert change(tmp_path, "waypost.tea.v1alpha", old, old.replace("string cup", "bytes mug")) == []


def test_what_cannot_be_read_is_told_too(tmp_path: Path) -> None:
    said = change(tmp_path, "waypost.tea.v1", OLD, 'syntax = "proto3"; message {')
    assert any("unmatched" in sentence for sentence in said), said


def test_a_missing_image_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DevError, match="buf breaking failed"):
        contracts.breaking(tmp_path / "released.binpb", RULES.parent)
