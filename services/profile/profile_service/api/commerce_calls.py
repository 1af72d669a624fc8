"""Orders and products, as gRPC calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.database import Database
from chassis.errors import NotFound
from chassis.ids import argument_uuid
from chassis.paging import Pages
from waypost.profile.v1 import profile_service_pb2 as pb

from profile_service.api.confinement import is_shown
from profile_service.domain.orders import Line, Original, read_lines
from profile_service.queries import commerce, people


class CommerceCalls:
    _database: Database
    _pages: Pages

    async def ListOrders(self, request: pb.ListOrdersRequest, _context: Any) -> pb.ListOrdersResponse:
        workspace_id = context.current().workspace_id
        asked = argument_uuid(request.profile_id, "profile_id")
        size = self._pages.size(request.page_size, 50, 200)
        place = ("orders", str(workspace_id), request.profile_id)
        position = self._pages.position(request.page_token, *place)
        before = None if position is None else msgspec.convert(position, tuple[datetime, UUID, str])
        async with self._database.transaction(workspace_id) as tx:
            profile_id = await people.resolve(tx, asked)
            if profile_id is None or not await is_shown(tx, profile_id):
                raise NotFound("no person has this id", kind="profile")
            rows = await commerce.orders(tx, profile_id, before, size + 1)
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            token = self._pages.token((last["ordered_at"], last["identity_id"], last["order_id"]), *place)
        return pb.ListOrdersResponse(orders=map(_order, rows[:size]), next_page_token=token)

    async def ListProducts(self, request: pb.ListProductsRequest, _context: Any) -> pb.ListProductsResponse:
        workspace_id = context.current().workspace_id
        size = self._pages.size(request.page_size, 50, 200)
        place = ("products", str(workspace_id))
        after = self._pages.position(request.page_token, *place)
        async with self._database.transaction(workspace_id) as tx:
            rows = await commerce.products(tx, after or "", size + 1)
        token = self._pages.token(rows[size - 1]["product_id"], *place) if len(rows) > size else ""
        return pb.ListProductsResponse(products=map(_product, rows[:size]), next_page_token=token)


def _order(row: Any) -> pb.Order:
    if row["lines"] is None:
        lines = read_lines((p for p in row["products"] if isinstance(p, dict)), row["currency"])
    else:
        lines = msgspec.convert(row["lines"], list[Line])
    total, refunded = row["amount_minor"], row["refunded_minor"]
    order = pb.Order(
        order_id=row["order_id"],
        identity_id=str(row["identity_id"]),
        state=row["state"],
        total_minor=total,
        refunded_minor=refunded,
        net_minor=0 if row["state"] == "cancelled" else total - refunded,
        currency=row["currency"],
        lines=[
            pb.OrderLine(
                product_id=line.product_id,
                quantity=line.quantity,
                amount_minor=line.amount_minor,
                refunded_quantity=line.refunded_quantity,
            )
            for line in lines
        ],
        other_minor=total - sum(line.amount_minor for line in lines),
    )
    if row["original"] is not None:
        order.original.CopyFrom(_original(msgspec.convert(row["original"], Original)))
    order.order_time.FromDatetime(row["ordered_at"])
    return order


def _original(said: Original) -> pb.OriginalAmounts:
    return pb.OriginalAmounts(
        currency=said.currency,
        total_minor=said.total_minor,
        refunded_minor=said.refunded_minor,
        rate=f"{said.rate.value:f}" if said.rate else "",
        rate_day=said.rate.day.isoformat() if said.rate else "",
    )


def _product(row: Any) -> pb.Product:
    return pb.Product(
        product_id=row["product_id"],
        name=row["name"] or "",
        category=row["category"] or "",
        sku=row["sku"] or "",
        price_minor=row["price_minor"],
        currency=row["currency"] or "",
    )
