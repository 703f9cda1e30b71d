"""The one place where services and stores are put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from argon2 import PasswordHasher

from himozuke.accounts.administration import AdministrationService
from himozuke.accounts.decide import POLICY, LoginPolicy
from himozuke.accounts.model import IdentityProvider
from himozuke.accounts.service import LoginService
from himozuke.accounts.setup import SetupService
from himozuke.accounts.store import AccountStore
from himozuke.ports.actor import Actor
from himozuke.ports.jobs import Jobs
from himozuke.ports.office import Clock
from himozuke.settings import Settings
from himozuke.stores.accounts import PostgresAccounts
from himozuke.stores.database import Database, Work
from himozuke.stores.jobs import PostgresJobs
from himozuke.stores.key_versions import note_keys
from himozuke.stores.vault import KeyRing, Vault


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything the desk, the interface and the jobs work with; made once when the program starts."""

    database: Database
    vault: Vault
    settings: Settings = field(default_factory=Settings)
    policy: LoginPolicy = POLICY
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    oidc: IdentityProvider | None = None

    @property
    def clock(self) -> Clock:
        """The one source of now."""
        return self.database.clock

    @contextmanager
    def work(self, actor: Actor) -> Iterator[OfficeWork]:
        """Services in one transaction, in the name of an actor."""
        with self.database.transaction(actor) as transaction:
            yield OfficeWork(self, transaction)


@contextmanager
def open_office(settings: Settings) -> Iterator[Office]:
    """The office the settings describe, from here to the end of the block.

    SchemaError when the database is not of this program's version; UpstreamDownError when it does not
    answer, or when the key file is not the one it was sealed with.
    """
    with Database.open(settings) as database:
        database.check_schema()
        ring = KeyRing.open_or_make(settings.key_file.expanduser())
        with database.maintenance() as connection:
            note_keys(connection, ring, database.clock.now())
        yield Office(database=database, vault=Vault(ring), settings=settings)


class OfficeWork:
    """The services of one transaction, each made when it is first asked for."""

    def __init__(self, office: Office, transaction: Work) -> None:
        self.office = office
        self.actor = transaction.actor
        self.clock = transaction.clock
        self.audit = transaction.audit
        self.connection = transaction.connection

    @cached_property
    def jobs(self) -> Jobs:
        """Work that outlives this transaction."""
        return PostgresJobs(self)

    @cached_property
    def account_store(self) -> AccountStore:
        """Accounts, sessions and keys."""
        return PostgresAccounts(self.connection)

    @cached_property
    def logins(self) -> LoginService:
        """The door."""
        office = self.office
        return LoginService(self.account_store, office.vault.box, self.clock, self.audit, office.policy, office.hasher)

    @cached_property
    def administration(self) -> AdministrationService:
        """Organisations, users, keys."""
        office = self.office
        return AdministrationService(
            self.account_store, office.vault.box, self.clock, self.audit, office.policy, office.hasher
        )

    @cached_property
    def setup(self) -> SetupService:
        """The first administrator."""
        return SetupService(self.administration)
