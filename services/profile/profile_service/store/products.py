"""The catalogue: of each product what was said last."""

from collections.abc import Sequence

from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.products import Product


async def upsert(tx: Tx, products: Sequence[Product]) -> None:
    """`products`: each once. Sorted here, so that two batches never wait crosswise for rows that many batches name."""
    rows = sorted((bucket_of(p.product_id.encode()), p) for p in products)
    await tx.execute(
        _UPSERT,
        tx.workspace_id,
        [bucket for bucket, _ in rows],
        *([product[n] for _, product in rows] for n in range(len(Product._fields))),
    )


_NEVER = "'00000000-0000-0000-0000-000000000000'::uuid"
_PARTS = {"name": ("name",), "category": ("category",), "sku": ("sku",), "price": ("price_minor", "currency")}


def _later(part: str) -> str:
    return f"excluded.{part}_by > coalesce(p.{part}_by, {_NEVER})"


_SET = ", ".join(
    f"{column} = CASE WHEN {_later(part)} THEN excluded.{column} ELSE p.{column} END"
    for part, columns in _PARTS.items()
    for column in (*columns, f"{part}_by")
)
_UPSERT = f"""
INSERT INTO products AS p (workspace_id, bucket, {", ".join(Product._fields)})
SELECT $1, * FROM unnest($2::smallint[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::text[],
                         $9::uuid[], $10::bigint[], $11::text[], $12::uuid[])
ON CONFLICT (workspace_id, bucket, product_id) DO UPDATE SET {_SET}
WHERE {" OR ".join(map(_later, _PARTS))}
"""
