"""What a release promises the next one: contracts, the REST document and schemas that only grow.

`released/` holds what the last release promised. Each module here compares one kind of promise with the checkout.
"""
