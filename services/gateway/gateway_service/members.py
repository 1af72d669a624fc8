"""From a verified token to a credential of one workspace."""

import asyncio
from collections import OrderedDict
from hashlib import sha256
from hmac import digest
from uuid import UUID

from chassis.crypto import KeyProvider

from gateway_service.oidc import Person, TokenVerifier
from gateway_service.problems import Problem
from gateway_service.roles import ROLES
from gateway_service.store.keys import Credential
from gateway_service.store.members import Login, MemberStore

FRESH_S = 5.0
MOST_TOKENS = 10_000


class Logins:
    """Keyed hashes of what a token says, so that nobody finds out from the table who is a member."""

    def __init__(self, provider: KeyProvider) -> None:
        self._key = provider.derive(provider.index_key_id(), UUID(int=0), "member-login")

    def of_email(self, email: str) -> bytes:
        return self._hash("email", email.strip().lower())

    def of_subject(self, person: Person) -> bytes:
        return self._hash("subject", f"{person.issuer}\x1f{person.subject}")

    def _hash(self, kind: str, value: str) -> bytes:
        return digest(self._key, f"{kind}\x1f{value}".encode(), sha256)


class Members:
    def __init__(self, verifier: TokenVerifier, store: MemberStore, logins: Logins) -> None:
        self._verifier = verifier
        self._store = store
        self._logins = logins
        self._known: OrderedDict[tuple[bytes, str], tuple[Credential, float]] = OrderedDict()

    async def credential(self, token: str, workspace: str) -> Credential:
        """Of the workspace that the caller names, or of the only one there is. Raises Problem 401, 403 or 503."""
        now = asyncio.get_running_loop().time()
        known_by = (sha256(token.encode("utf-8", "surrogateescape")).digest(), workspace)
        credential, asked_at = self._known.get(known_by, (None, 0.0))
        if credential is None or now - asked_at > FRESH_S:
            login = await self._login(await self._verifier.verify(token), workspace)
            credential = Credential(
                login.workspace_id,
                "member",
                ROLES[login.role].scopes if login.role in ROLES else frozenset(),
                f"member:{login.member_id}",
                None,
                tuple(login.org_units),
                login.member_id,
            )
            self._known[known_by] = (credential, now)
            self._known.move_to_end(known_by)
            if len(self._known) > MOST_TOKENS:
                self._known.popitem(last=False)
        return credential

    def forget(self) -> None:
        """A change of members counts at once here, and within FRESH_S at the other gateways."""
        self._known.clear()

    async def _login(self, person: Person, workspace: str) -> Login:
        found = _chosen(await self._all(person), workspace)
        if len(found) > 1:
            raise Problem(
                400,
                "WORKSPACE_AMBIGUOUS",
                "you belong to several workspaces: name one in the header X-Waypost-Workspace: "
                + ", ".join(str(login.workspace_id) for login in found[:10]),
            )
        if not found:
            raise Problem(
                403,
                "NOT_A_MEMBER",
                "the token is good, but no workspace has you as a member: an administrator has to invite the e-mail "
                "address that your identity provider has verified",
            )
        return found[0]

    async def _all(self, person: Person) -> list[Login]:
        """Memberships of the subject, and invitations to its verified address, which become its own."""
        subject = self._logins.of_subject(person)
        found = await self._store.logins(subject)
        if not person.email:
            return found
        for invited in await self._store.logins(self._logins.of_email(person.email)):
            if not invited.bound and await self._store.bind(invited, subject):
                found.append(invited)
        return found


def _chosen(found: list[Login], workspace: str) -> list[Login]:
    return [login for login in found if not workspace or str(login.workspace_id) == workspace.lower()]
