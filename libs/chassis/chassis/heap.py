"""The garbage collector, set for programs that handle batches.

A batch makes thousands of small objects and drops them all together: reference counts free them, the collector only
walks over them. With Python's defaults it did so a dozen times a batch, now and then over the whole program too.
"""

import gc

_YOUNG = 100_000
"""Objects more made than freed before the young are looked through; a batch of 500 events holds about 20,000, and four
are in hand at once."""


def calm() -> None:
    """Call once everything is built: what lives now lives to the end, and is never walked over again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
