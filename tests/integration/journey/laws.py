"""The laws that hold between journey's tables whatever happened."""

from collections import Counter

from .harness import Journey

_BROKEN_CHAIN = """
SELECT t.run_id, t.sequence FROM (
  SELECT run_id, sequence, node_id, row_number() OVER w - 1 AS expected, lag(to_node_id) OVER w AS came
  FROM transitions WINDOW w AS (PARTITION BY run_id ORDER BY sequence)
) t WHERE t.sequence <> t.expected OR (t.sequence > 0 AND t.node_id <> t.came)
"""
_BROKEN_END = """
SELECT r.run_id FROM runs r
LEFT JOIN LATERAL (SELECT * FROM transitions t WHERE t.run_id = r.run_id ORDER BY sequence DESC LIMIT 1) l ON true
WHERE CASE WHEN r.state = 'exited' THEN l.sequence <> r.sequence OR l.outcome <> 'exit:' || r.exit_reason
           ELSE r.sequence <> coalesce(l.sequence + 1, 0) OR r.node_id <> coalesce(l.to_node_id, r.node_id) END
"""
_WRONG_PERSON = (
    "SELECT run_id FROM runs r JOIN people p USING (identity_id) WHERE r.profile_id <> p.profile_id"
)
_WRONG_TIMER = """
SELECT run_id FROM (SELECT * FROM runs WHERE wake_at IS NOT NULL) r
FULL JOIN (SELECT * FROM timers WHERE workspace_id = current_setting('app.workspace_id')::uuid) t USING (run_id)
WHERE r.wake_at IS DISTINCT FROM t.due_at OR r.state IS DISTINCT FROM 'active'
"""
_WRONG_ACTIVE = """
SELECT run_id FROM (SELECT * FROM runs WHERE state = 'active') r FULL JOIN active_runs a USING (run_id)
WHERE (r.profile_id, r.journey_id, r.entry_key) IS DISTINCT FROM (a.profile_id, a.journey_id, a.entry_key)
"""
_ENTERED = """
SELECT node_id, count(*) FROM (
  SELECT coalesce((SELECT node_id FROM transitions t WHERE t.run_id = r.run_id AND sequence = 0), node_id) AS node_id
  FROM runs r WHERE journey_id = $1
  UNION ALL SELECT to_node_id FROM transitions WHERE journey_id = $1 AND to_node_id <> ''
) e GROUP BY 1
"""


async def assert_consistent(journey: Journey) -> None:
    """The laws that hold between the tables whatever happened."""
    assert not await journey.rows(_BROKEN_CHAIN), "a transition lost or doubled"
    assert not await journey.rows(_BROKEN_END), "a run stands where its last transition did not lead"
    assert not await journey.rows(_WRONG_PERSON), "a run is not with its identity's person"
    assert not await journey.rows(_WRONG_TIMER), "a run without its timer, or a timer without its run"
    assert not await journey.rows(_WRONG_ACTIVE), "active_runs is not the set of active runs"
    said = await journey.published()
    issued = await journey.rows("SELECT run_id::text, sequence FROM intentions")
    assert sorted(said.keys) == sorted(issued)
    assert len(set(said.keys)) == len(said.keys)
    runs = await journey.rows("SELECT run_id::text, state FROM runs")
    assert sorted(r.run_id for r in said.entered) == sorted(r for r, _ in runs)
    ends = Counter(r.run_id for r in said.exited)
    ends.subtract(r.run_id for r in said.resumed)
    assert ends == Counter({r: int(state != "active") for r, state in runs})
    for (journey_id,) in await journey.rows("SELECT journey_id FROM journeys WHERE version > 0"):
        await _assert_ledger(journey, journey_id)


async def _assert_ledger(journey: Journey, journey_id: str) -> None:
    """Entered as the definition's start and the transitions say, against what became of those who did."""
    found = await journey.metrics(journey_id)
    entered = dict(await journey.rows(_ENTERED, journey_id))
    assert {n.node_id: n.entered for n in found.nodes if n.entered} == entered
    assert all(n.entered == n.waiting + n.passed + n.exited + n.frozen for n in found.nodes)
    assert all(n.passed == sum(n.passed_by.values()) for n in found.nodes)
    assert found.runs_entered == found.runs_active + sum(found.runs_exited.values())
    assert found.runs_active == sum(n.waiting for n in found.nodes)
