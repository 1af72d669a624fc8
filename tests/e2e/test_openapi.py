"""The OpenAPI document tells the truth: what is sent by it is answered by it, and never with a fault of ours."""

from waypost_dev.stack import Stack

from tests.e2e.owner import Owner
from tests.e2e.speaking import speak_by_the_document
from tests.e2e.tenants import tenants


async def test_every_route_answers_as_documented(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant]:
        owner = Owner(tenant, "spoken")
        await owner.move_in()
        spoken = await speak_by_the_document(tenant, examples=3, ids=owner.path)
    print({label: dict(statuses) for label, statuses in spoken.statuses.items()})
    assert not spoken.failures, "\n\n".join(spoken.failures)
