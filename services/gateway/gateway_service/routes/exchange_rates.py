"""The workspace's currency, and what others are worth in it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import exchange_rate_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken, given
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("ingestion:read"))]
Writer = Annotated[Credential, Depends(needs("ingestion:write"))]
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
MOST_AT_ONCE = 500
MAX_SOURCE_CHARS = 200
MAX_DECIMAL_CHARS = 40


class Currency(BaseModel):
    model_config = ConfigDict(extra="forbid")

    currency: Code
    """Three capital letters (ISO 4217). Chosen before the first order; CNY unless it is."""


class StatedRate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    currency: Code
    day: str = Field(max_length=10)
    """ISO 8601, UTC: the first day that the rate holds for."""
    rate: str = Field(max_length=MAX_DECIMAL_CHARS)
    """A decimal number as text: units of the workspace's currency that one unit is worth."""
    source: str = Field(default="", max_length=MAX_SOURCE_CHARS)
    """Where it is from, in your words."""


class Rate(StatedRate):
    set_at: Moment


class StatedRates(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rates: list[StatedRate] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Changed(BaseModel):
    changed: int
    """Rates that are new or other than before."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["exchange rates"], responses=PROBLEMS)

    @routes.get("/currency")
    async def get_currency(credential: Reader) -> Currency:
        answer = await remote.call("profile", "GetCurrency", pb.GetCurrencyRequest(), credential)
        return Currency(currency=answer.currency)

    @routes.put("/currency")
    async def set_currency(body: Currency, request: Request, credential: Writer) -> Currency:
        message = pb.SetCurrencyRequest(currency=body.currency, request_id=mutation_id(request, credential))
        answer = await remote.call("profile", "SetCurrency", message, credential)
        return Currency(currency=answer.currency)

    @routes.get("/exchange-rates")
    async def list_exchange_rates(
        credential: Reader,
        currency: Annotated[str, Query(pattern=r"^([A-Z]{3})?$")] = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Rate]:
        """By currency, the newest day first; `currency`: of one alone."""
        message = pb.ListExchangeRatesRequest(currency=currency, page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListExchangeRates", message, credential)
        items = [
            Rate(
                currency=one.currency,
                day=one.day,
                rate=one.rate,
                source=one.source,
                set_at=given(one, "set_time"),
            )
            for one in answer.rates
        ]
        return Page[Rate](items=items, next_page_token=answer.next_page_token)

    @routes.put("/exchange-rates")
    async def set_exchange_rates(body: StatedRates, request: Request, credential: Writer) -> Changed:
        """All of them or none. Orders of the days that they hold for are worked out again within seconds."""
        message = pb.SetExchangeRatesRequest(
            rates=[pb.ExchangeRate(**one.model_dump()) for one in body.rates],
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "SetExchangeRates", message, credential)
        return Changed(changed=answer.changed)

    return routes
