"""What came of it, asked of the gateway: one page that a newcomer can check by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from waypost_dev.demo.client import Client
from waypost_dev.demo.customers import Customer
from waypost_dev.demo.live import Played
from waypost_dev.demo.replay import Replayed


async def show(
    client: Client,
    console: Console,
    customers: list[Customer],
    segment_id: str,
    journeys: dict[str, str],
    replayed: Replayed,
    played: Played,
) -> None:
    console.rule("[bold]Waypost demo")
    await _people(client, console, customers, replayed, played)
    await _segment(client, console, segment_id, customers)
    await _rfm(client, console)
    for name, journey_id in journeys.items():
        await _journey(client, console, name, journey_id)
    await _messages(client, console)
    await _ledgers(client, console)


async def _people(
    client: Client, console: Console, customers: list[Customer], replayed: Replayed, played: Played
) -> None:
    health = await client.get("/v1/identity/health")
    split = sum(customer.parts > 1 for customer in customers)
    console.print(
        f"[bold]People[/]    {health['profile_count']:,} people out of {health['identity_count']:,} identities, "
        f"{health['merge_count']:,} merges, {health['event_count']:,} events, "
        f"{health['dead_letter_count']:,} dead letters"
    )
    console.print(
        f"          {len(customers):,} customers came from the log, {split:,} of them in two or three pieces; "
        f"{played.followers} followers a run came live"
    )
    console.print(
        f"          {replayed.calls:,} calls of history: {replayed.accepted:,} accepted, {replayed.rejected:,} rejected "
        f"in {replayed.accept_seconds:.1f} s; handled by every service after {replayed.drain_seconds:.1f} s"
    )


async def _segment(client: Client, console: Console, segment_id: str, customers: list[Customer]) -> None:
    segment = await client.get(f"/v1/segments/{segment_id}")
    expected = sum(len(c.orders) >= 3 and c.traits["city"] in ("上海", "杭州") for c in customers)
    console.print(
        f"[bold]Segment[/]   {segment['name']}: {segment['size']:,} members "
        f"(the log itself says {expected:,}; live orders may add some)\n"
        f"          {segment['description']['en']}\n          {segment['description']['zh']}"
    )


async def _rfm(client: Client, console: Console) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    as_of = (midnight - timedelta(microseconds=1)).isoformat()
    rfm = await client.post("/v1/rfm/default:compute", {"as_of": as_of})
    table = Table(title=f"RFM, {rfm['window_days']} days to yesterday: {rfm['customer_count']:,} customers")
    table.add_column("group")
    table.add_column("分组")
    table.add_column("customers", justify="right")
    table.add_column("spent ¥", justify="right")
    for group in rfm["groups"]:
        spent = f"{group['amount_minor'] / 100:,.2f}"
        table.add_row(group["label_en"], group["label_zh"], f"{group['customer_count']:,}", spent)
    console.print(table)


async def _journey(client: Client, console: Console, name: str, journey_id: str) -> None:
    metrics = await client.get(f"/v1/journeys/{journey_id}/metrics")
    table = Table(
        title=f"Journey “{name}”: {metrics['runs_entered']:,} runs, {metrics['runs_active']:,} active"
    )
    for column in ("node", "kind", "entered", "waiting", "passed", "exited", "frozen", "by"):
        table.add_column(column, justify="left" if column in ("node", "kind", "by") else "right")
    for node in metrics["nodes"]:
        by = ", ".join(f"{way} {count:,}" for way, count in sorted(node["passed_by"].items()))
        counts = (f"{node[key]:,}" for key in ("entered", "waiting", "passed", "exited", "frozen"))
        table.add_row(node["node_id"], node["kind"], *counts, by)
    console.print(table)


async def _messages(client: Client, console: Console) -> None:
    report = await client.get("/v1/reports/messages")
    table = Table(
        title=f"Messages: {report['intentions']:,} intentions, {report['attempts']:,} calls to the provider"
    )
    for column in ("outcome", "reason", "messages"):
        table.add_column(column, justify="right" if column == "messages" else "left")
    counts: dict[tuple[str, str], int] = {}
    for outcome in report["outcomes"]:
        key = (outcome["state"], outcome["reason"])
        counts[key] = counts.get(key, 0) + outcome["count"]
    for (state, reason), count in sorted(counts.items()):
        table.add_row(state, reason or "–", f"{count:,}")
    console.print(table)


async def _ledgers(client: Client, console: Console) -> None:
    pages: list[dict[str, Any]] = await client.pages("/v1/reports/ledgers")
    for ledger in pages:
        nodes = all(node["ok"] for node in ledger["nodes"])
        handover, outcomes = ledger["handover"], ledger["outcomes"]
        ok = nodes and handover["ok"] and outcomes["ok"]
        console.print(
            f"[bold]Ledgers[/]   {ledger['journey_id'][:12]}… nodes {_tick(nodes)}  intentions issued "
            f"{handover['issued']:,} = {handover['in_dispatch']:,} in dispatch + {handover['in_flight']:,} in flight "
            f"{_tick(handover['ok'])}  outcomes {outcomes['outcomes']:,} of {outcomes['in_dispatch']:,} "
            f"{_tick(outcomes['ok'])}" + ("" if ok else "  [bold red]they do not reconcile[/]")
        )


def _tick(ok: bool) -> str:
    return "[green]✓[/]" if ok else "[red]✗[/]"


def say_goodbye(
    console: Console, env: Mapping[str, str], home: Path, seconds: float, *, stopping: bool
) -> None:
    url = env["WAYPOST_URL"]
    console.rule(f"played in {seconds:.0f} s")
    if stopping:
        console.print("The platform stops now; its data stays. Start it again with `make up`.")
        return
    console.print(f"The platform keeps running at [bold]{url}[/]; keys are in {_short(home / 'env')}. Try:\n")
    console.print(f"  set -a; . {_short(home / 'env')}; set +a", highlight=False, soft_wrap=True)
    for line in (
        'curl -s $WAYPOST_URL/v1/profiles/member_id:M0000018 -H "Authorization: Bearer $WAYPOST_SECRET_KEY"',
        'curl -s $WAYPOST_URL/v1/track -u $WAYPOST_WRITE_KEY: -H "content-type: application/json" '
        '-d \'{"userId":"me","event":"Account Followed"}\'',
        'curl -s $WAYPOST_URL/v1/reports/ledgers -H "Authorization: Bearer $WAYPOST_SECRET_KEY"',
    ):
        console.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
