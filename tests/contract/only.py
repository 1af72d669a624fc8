"""The import contract `only`: what a layer may import is listed, everything else is refused.

import-linter's own `forbidden` names what is refused, so a library that nobody thought of would pass.
"""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyContract(Contract):
    """Modules of `sources` import the standard library, each other, and the packages in `allowed`; directly, since
    what an allowed package imports is the matter of its own contract. `exceptions` lists single imports, `a.b -> c.d`, that are known."""

    type_name = "only"

    sources = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    exceptions = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        refused: list[tuple[str, str]] = []
        unused = {str(one) for one in self.exceptions}
        for source in map(str, self.sources):
            for module in sorted(one for one in graph.modules if _inside(one, source)):
                for target in sorted(graph.find_modules_directly_imported_by(module)):
                    if self._may(source, target):
                        continue
                    known = f"{module} -> {target}"
                    if known in self.exceptions:
                        unused.discard(known)
                    else:
                        refused.append((module, target))
        return ContractCheck(kept=not refused and not unused, metadata={"refused": refused, "unused": unused})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module, target in check.metadata["refused"]:
            output.print_error(f"{module} may not import {target}")
        for line in sorted(check.metadata["unused"]):
            output.print_error(f"no such import any more, take the exception away: {line}")

    def _may(self, source: str, target: str) -> bool:
        root = target.partition(".")[0]
        if root in sys.stdlib_module_names:
            return True
        return _inside(target, source) or any(_inside(target, str(one)) for one in self.allowed)


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
