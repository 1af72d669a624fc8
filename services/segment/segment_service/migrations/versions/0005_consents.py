"""What people agreed to, as far as it is said from this release on."""

from consents.tables import create_consents

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create_consents()
