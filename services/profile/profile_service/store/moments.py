"""Moments as whole milliseconds since 1970: a batch has thousands of them, and the driver takes ten times as long over a
datetime as over a number."""


def moment(ms: str) -> str:
    """SQL of milliseconds → timestamptz."""
    return f"'epoch'::timestamptz + {ms} * interval '1 millisecond'"


def milliseconds(moment: str) -> str:
    """SQL of timestamptz → milliseconds."""
    return f"(extract(epoch FROM {moment}) * 1000)::bigint"
