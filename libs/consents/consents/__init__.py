"""What people agreed to: the fold over the ledger's entries, and the copy of them that services keep."""

from consents.copied import of_identities, take, told
from consents.ledger import PERSON, Entry, Scope, deciding

__all__ = ["PERSON", "Entry", "Scope", "deciding", "of_identities", "take", "told"]
