"""What people agreed to: the fold over the ledger's entries, and the copy of them that services keep."""

from consents.copied import create_consents, of_identities, take, told
from consents.ledger import PERSON, Entry, Scope, deciding

__all__ = ["PERSON", "Entry", "Scope", "create_consents", "deciding", "of_identities", "take", "told"]
