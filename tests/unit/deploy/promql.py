"""What a PromQL expression asks for, by Prometheus' own grammar."""

from collections.abc import Iterator

import promql_parser


def selectors(expression: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(name of the sample, what its labels must equal) of each selector. Raises for what Prometheus would refuse."""
    # Grafana fills these in.
    plain = expression.replace("$__rate_interval", "5m").replace("$service", ".*")
    found: list[promql_parser.VectorSelector] = []

    def visit(node: object) -> bool:
        if isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)
        elif isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(plain), visit)
    for selector in found:
        equal = {m.name: m.value for m in selector.matchers.matchers if m.op == promql_parser.MatchOp.Equal}
        yield selector.name, equal
