"""waypost.profile.v1.ExchangeRateService."""

from datetime import date
from typing import Any

import msgspec
from chassis import context, workspace_lock
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, StateConflict
from chassis.paging import Pages
from waypost.profile.v1 import exchange_rate_service_pb2 as pb
from waypost.profile.v1 import exchange_rate_service_pb2_grpc

from profile_service.api import listing
from profile_service.api.changing import change
from profile_service.domain.exchange_form import MOST_AT_ONCE, Fault, is_currency, read_rates
from profile_service.store import exchange_rates, revaluations
from profile_service.store.declared import Declarations


class ExchangeRateServicer(exchange_rate_service_pb2_grpc.ExchangeRateServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, pages: Pages, clock: Clock, declarations: Declarations) -> None:
        self._database = database
        self._pages = pages
        self._clock = clock
        self._declarations = declarations

    async def GetCurrency(self, _request: pb.GetCurrencyRequest, _context: Any) -> pb.GetCurrencyResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            return pb.GetCurrencyResponse(currency=await exchange_rates.home(tx))

    async def SetCurrency(self, request: pb.SetCurrencyRequest, _context: Any) -> pb.SetCurrencyResponse:
        if not is_currency(request.currency):
            raise InvalidArgument("a currency is three capital letters", field="currency")

        async def work(tx: Tx) -> pb.SetCurrencyResponse:
            await workspace_lock.take_alone(tx)
            known = await exchange_rates.home(tx)
            if known != request.currency and not await exchange_rates.set_home(tx, request.currency):
                raise StateConflict(
                    f"orders or rates are stored in {known}: a workspace's currency is chosen before the first of them",
                    field="currency",
                )
            return pb.SetCurrencyResponse(currency=request.currency)

        response = await change(self._database, request, pb.SetCurrencyResponse, work)
        self._declarations.forget(context.current().workspace_id)
        return response

    async def ListExchangeRates(
        self, request: pb.ListExchangeRatesRequest, _context: Any
    ) -> pb.ListExchangeRatesResponse:
        place = ("exchange_rates", request.currency)
        size, position = listing.asked(self._pages, request, *place)
        after = None if position is None else msgspec.convert(position, tuple[str, date])
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await exchange_rates.page(tx, request.currency, after, size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda r: (r["currency"], r["day"]), *place)
        return pb.ListExchangeRatesResponse(rates=map(_rate, page), next_page_token=token)

    async def SetExchangeRates(
        self, request: pb.SetExchangeRatesRequest, _context: Any
    ) -> pb.SetExchangeRatesResponse:
        if not 1 <= len(request.rates) <= MOST_AT_ONCE:
            raise InvalidArgument(f"1 to {MOST_AT_ONCE} rates are stated at once", field="rates")

        async def work(tx: Tx) -> pb.SetExchangeRatesResponse:
            # Batches that took other rates have ended, so every order that hangs on these is found below.
            await workspace_lock.take_alone(tx)
            rates = read_rates(
                ((r.currency, r.day, r.rate, r.source) for r in request.rates), await exchange_rates.home(tx)
            )
            if isinstance(rates, Fault):
                raise InvalidArgument(rates.detail, field=f"rates/{rates.field}")
            now = self._clock.now()
            changed = await exchange_rates.put(tx, rates, now)
            await revaluations.ask(tx, changed, now)
            return pb.SetExchangeRatesResponse(changed=len(changed))

        return await change(self._database, request, pb.SetExchangeRatesResponse, work)


def _rate(row: Any) -> pb.ExchangeRate:
    rate = pb.ExchangeRate(
        currency=row["currency"], day=row["day"].isoformat(), rate=f"{row['rate']:f}", source=row["source"]
    )
    rate.set_time.FromDatetime(row["set_at"])
    return rate
