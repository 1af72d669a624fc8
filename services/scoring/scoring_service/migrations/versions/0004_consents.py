"""Who is not to be profiled, as far as it is said from this release on."""

from consents.tables import create_consents

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_consents()
