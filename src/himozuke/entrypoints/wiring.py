"""The one place where services and stores are put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from himozuke.accounts.administration import AdministrationService
from himozuke.accounts.decide import POLICY, LoginPolicy
from himozuke.accounts.model import IdentityProvider
from himozuke.accounts.service import LoginService
from himozuke.accounts.setup import SetupService
from himozuke.accounts.store import AccountStore
from himozuke.campaign.inspections import Inspections, InspectionWork
from himozuke.campaign.publications import Publications
from himozuke.campaign.service import Campaigns
from himozuke.eligibility.service import EligibilityService
from himozuke.entrypoints.rate import RateLimit
from himozuke.gateways.letters.printer import TypstPrinter
from himozuke.gateways.uploads import UploadFolder
from himozuke.incident.service import CaseService, CaseTools
from himozuke.ports.actor import Actor
from himozuke.ports.jobs import Jobs
from himozuke.ports.letters import LetterPrinter
from himozuke.ports.office import CaseDesk, Clock
from himozuke.rules.loader import load as load_rules
from himozuke.rules.model import RuleBook
from himozuke.schemes import all_schemes
from himozuke.settings import Settings
from himozuke.stores.accounts import PostgresAccounts
from himozuke.stores.campaigns import PostgresCampaigns
from himozuke.stores.cases import PostgresCases
from himozuke.stores.database import Database, Work
from himozuke.stores.inspections import PostgresInspections
from himozuke.stores.jobs import PostgresJobs
from himozuke.stores.key_versions import note_keys
from himozuke.stores.links import PostgresLinkBook
from himozuke.stores.publications import PostgresPublications
from himozuke.stores.qualifications import PostgresEligibility
from himozuke.stores.resident_register import RegisterAge, register_age
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

    @cached_property
    def rules(self) -> RuleBook:
        """The dated rules, read once."""
        return load_rules()

    @cached_property
    def rate_limit(self) -> RateLimit:
        """How often each institution may ask."""
        return RateLimit()

    @cached_property
    def printer(self) -> LetterPrinter:
        """What letters and published tables are set with."""
        return TypstPrinter()

    @cached_property
    def uploads(self) -> UploadFolder:
        """Files that bodies sent up."""
        return UploadFolder(self.settings.data / "uploads")

    def inspection_folder(self, run_id: int) -> Path:
        """Where the results of an inspection of an upload lie."""
        folder = self.settings.data / "inspections" / str(run_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

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
        self.transaction = transaction
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

    @property
    def register_age(self) -> RegisterAge | None:
        """The day of the register, and how old it is; None before the first load."""
        return register_age(self.transaction)

    @cached_property
    def case_desk(self) -> CaseDesk:
        """Where doubts are carried to their end."""
        tools = CaseTools(
            PostgresCases(self.connection),
            PostgresLinkBook(self.transaction),
            self.audit,
            self.clock,
            self.actor,
            self.office.rules,
        )
        return CaseService(tools)

    @cached_property
    def eligibility_store(self) -> PostgresEligibility:
        """Qualifications, consents, requests of institutions."""
        return PostgresEligibility(self.connection, self.office.vault, self.clock)

    @cached_property
    def eligibility(self) -> EligibilityService:
        """What institutions may ask."""
        return EligibilityService(
            self.eligibility_store,
            self.audit,
            self.clock,
            rules=self.office.rules,
            check_pin=partial(_is_same_secret, self.office.hasher),
        )

    @cached_property
    def campaigns(self) -> Campaigns:
        """Surveys, reports and progress of inspection campaigns."""
        store = PostgresCampaigns(self.connection, self.office.rules)
        return Campaigns(store, actor=self.actor, clock=self.clock, audit=self.audit, rules=self.office.rules)

    @cached_property
    def inspections(self) -> Inspections:
        """Files of links, their inspections, what was found."""
        return Inspections(
            PostgresInspections(self.connection),
            jobs=self.jobs,
            cases=self.case_desk,
            actor=self.actor,
            clock=self.clock,
            audit=self.audit,
        )

    @cached_property
    def inspection_work(self) -> InspectionWork:
        """What the worker does with an inspection."""
        return InspectionWork(PostgresInspections(self.connection), clock=self.clock, audit=self.audit)

    @cached_property
    def publications(self) -> Publications:
        """What a campaign publishes."""
        names = {scheme.code: (scheme.name_ja, scheme.name_en) for scheme in all_schemes()}
        store = PostgresPublications(self.connection, names)
        return Publications(store, actor=self.actor, clock=self.clock, audit=self.audit)


def _is_same_secret(hasher: PasswordHasher, kept: str, given: str) -> bool:
    try:
        return hasher.verify(kept, given)
    except (VerifyMismatchError, InvalidHashError):
        return False
