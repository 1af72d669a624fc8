"""Alive and ready. The broker's state is told and does not count: without it reads go on, ingestion answers 503."""

from typing import Literal

from chassis.bus import Bus
from fastapi import APIRouter, Response
from pydantic import BaseModel

from gateway_service.serving import Health

State = Literal["up", "down"]


class Liveness(BaseModel):
    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    status: Literal["ready", "not_ready"]
    database: State
    broker: State


def router(health: Health, bus: Bus) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/livez")
    async def livez() -> Liveness:
        return Liveness()

    @routes.get("/readyz", responses={503: {"model": Readiness}})
    async def readyz(response: Response) -> Readiness:
        response.status_code = 200 if health.ready else 503
        return Readiness(
            status="ready" if health.ready else "not_ready",
            database="up" if health.database else "down",
            broker="up" if bus.connected else "down",
        )

    return routes
