"""Orders and products out of the e-commerce events. Amounts are whole minor units of their currency."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from waypost.profile.v1 import profile_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken, given
from gateway_service.routes._people import profile_id_of
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read"))]


class OrderLine(BaseModel):
    product_id: str
    quantity: int
    amount_minor: int
    refunded_quantity: int


class Original(BaseModel):
    """What was said, before it was converted."""

    currency: str
    total_minor: int
    refunded_minor: int
    rate: str | None
    """Decimal: units of the workspace's currency that one unit is worth. null: none is known, and the order is worth
    nothing yet."""
    rate_day: str | None


class Order(BaseModel):
    order_id: str
    identity_id: str
    """The identity of the person that ordered."""
    state: str
    """completed, partly_refunded, refunded or cancelled."""
    ordered_at: Moment
    total_minor: int
    refunded_minor: int
    net_minor: int
    """total - refunded; 0 when the order is cancelled."""
    currency: str
    lines: list[OrderLine]
    other_minor: int
    """What the lines do not explain of the total: postage, tax, discounts."""
    original: Original | None
    """Of an order in another currency than the workspace's."""


class Product(BaseModel):
    """As it was named last."""

    product_id: str
    name: str
    category: str
    sku: str
    price_minor: int | None
    currency: str


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["commerce"], responses=PROBLEMS)

    @routes.get("/profiles/{profile}/orders")
    async def list_orders(
        profile: str, credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Order]:
        """Newest first."""
        profile_id = await profile_id_of(remote, credential, profile)
        request = pb.ListOrdersRequest(profile_id=profile_id, page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListOrders", request, credential)
        return Page[Order](
            items=[_order(one) for one in answer.orders], next_page_token=answer.next_page_token
        )

    @routes.get("/products")
    async def list_products(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Product]:
        """Every product that an event ever named, by id."""
        request = pb.ListProductsRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListProducts", request, credential)
        return Page[Product](
            items=[_product(one) for one in answer.products], next_page_token=answer.next_page_token
        )

    return routes


def _order(order: pb.Order) -> Order:
    return Order(
        order_id=order.order_id,
        identity_id=order.identity_id,
        state=order.state,
        ordered_at=given(order, "order_time"),
        total_minor=order.total_minor,
        refunded_minor=order.refunded_minor,
        net_minor=order.net_minor,
        currency=order.currency,
        lines=[
            OrderLine(
                product_id=line.product_id,
                quantity=line.quantity,
                amount_minor=line.amount_minor,
                refunded_quantity=line.refunded_quantity,
            )
            for line in order.lines
        ],
        other_minor=order.other_minor,
        original=_original(order.original) if order.HasField("original") else None,
    )


def _original(said: pb.OriginalAmounts) -> Original:
    return Original(
        currency=said.currency,
        total_minor=said.total_minor,
        refunded_minor=said.refunded_minor,
        rate=said.rate or None,
        rate_day=said.rate_day or None,
    )


def _product(product: pb.Product) -> Product:
    return Product(
        product_id=product.product_id,
        name=product.name,
        category=product.category,
        sku=product.sku,
        price_minor=product.price_minor if product.HasField("price_minor") else None,
        currency=product.currency,
    )
