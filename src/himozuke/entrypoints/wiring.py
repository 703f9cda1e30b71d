"""The one place where services and stores are put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from argon2 import PasswordHasher

from himozuke.accounts.administration import AdministrationService
from himozuke.accounts.decide import POLICY, LoginPolicy
from himozuke.accounts.service import LoginService
from himozuke.accounts.setup import SetupService
from himozuke.accounts.store import AccountStore
from himozuke.campaign.inspections import Inspections, InspectionWork
from himozuke.campaign.publications import Publications
from himozuke.campaign.service import Campaigns
from himozuke.citizen.service import CheckingService
from himozuke.engines.inquiring import InquiringRegister
from himozuke.engines.online import OnlineVerifier
from himozuke.engines.recorded import RecordedRegister
from himozuke.entrypoints.asked_verifying import AskingVerifier
from himozuke.entrypoints.case_wiring import CaseBench
from himozuke.entrypoints.eligibility_wiring import EligibilityBench
from himozuke.entrypoints.places import places_known
from himozuke.entrypoints.rate import RateLimit
from himozuke.entrypoints.register_choice import other_register
from himozuke.gateways.identity_provider import IdentityProviderClient
from himozuke.gateways.letters.fonts import font_files
from himozuke.gateways.letters.printer import TypstPrinter
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.gateways.uploads import UploadFolder
from himozuke.identity.gazetteer import Gazetteer
from himozuke.ports.actor import Actor
from himozuke.ports.jobs import Jobs
from himozuke.ports.letters import LetterPrinter
from himozuke.ports.office import CaseDesk, Clock
from himozuke.ports.resident_register import LinkVerifier, ResidentRegister
from himozuke.registration.answering import AnsweringService
from himozuke.registration.profile import ProfileService
from himozuke.registration.registering import RegisteringService
from himozuke.registration.service import ReceptionService
from himozuke.rules.loader import load as load_rules
from himozuke.rules.model import RuleBook
from himozuke.schemes import all_schemes
from himozuke.settings import Settings
from himozuke.stores.accounts import PostgresAccounts
from himozuke.stores.campaigns import PostgresCampaigns
from himozuke.stores.citizens import PostgresChecks, PostgresOwn
from himozuke.stores.database import Database, Work
from himozuke.stores.inspections import PostgresInspections
from himozuke.stores.jobs import PostgresJobs
from himozuke.stores.key_versions import note_keys
from himozuke.stores.links import PostgresLinkBook
from himozuke.stores.notice_lists import NoticeLists
from himozuke.stores.notices import PostgresNotices
from himozuke.stores.publications import PostgresPublications
from himozuke.stores.record_lists import RecordLists
from himozuke.stores.registrations import PostgresRegistrations
from himozuke.stores.resident_register import InquiryLedger, PostgresRegister, RegisterAge, register_age
from himozuke.stores.vault import KeyRing, Vault


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything the desk, the interface and the jobs work with; made once when the program starts."""

    database: Database
    vault: Vault
    settings: Settings = field(default_factory=Settings)
    policy: LoginPolicy = POLICY
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    @property
    def clock(self) -> Clock:
        """The one source of now."""
        return self.database.clock

    @cached_property
    def identity_provider(self) -> IdentityProviderClient | None:
        """Whose word is taken at the login, where the settings name somebody."""
        given = self.settings
        if not given.oidc_issuer:
            return None
        return IdentityProviderClient(
            given.oidc_issuer, given.oidc_client_id, given.oidc_client_secret, given.oidc_claim
        )

    @cached_property
    def rules(self) -> RuleBook:
        """The dated rules, read once."""
        return load_rules()

    @cached_property
    def rate_limit(self) -> RateLimit:
        """How often each institution may ask."""
        return RateLimit()

    @cached_property
    def claim_reader(self) -> ClaimReader:
        """Reads single links; remembers distinct values it has read."""
        return ClaimReader()

    @cached_property
    def places(self) -> Gazetteer | None:
        """What is known of places besides the packaged data."""
        return places_known(self.settings)

    @cached_property
    def printer(self) -> LetterPrinter:
        """What letters and published tables are set with."""
        return TypstPrinter(font_files(self.settings.fonts))

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
    def answering(self, actor: Actor) -> Iterator[OfficeWork]:
        """Services in one transaction of the program itself that answers an institution: as few round trips as can be."""
        with self.database.answering(actor) as transaction:
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
    def cases(self) -> CaseBench:
        """The incident desk."""
        return CaseBench(self)

    @property
    def case_desk(self) -> CaseDesk:
        """Where doubts are carried to their end."""
        return self.cases.cases

    @cached_property
    def own(self) -> PostgresOwn:
        """What the citizen who acts may read of himself."""
        return PostgresOwn(self.connection, self.clock)

    @cached_property
    def citizens(self) -> PostgresChecks:
        """Citizens and their requests, with the program's reach."""
        return PostgresChecks(self.connection, self.clock)

    @cached_property
    def checking(self) -> CheckingService:
        """Requests of citizens for a check; with the program's reach, in the citizen's name."""
        return CheckingService(self.citizens, self.case_desk, self.audit, self.clock)

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

    @cached_property
    def local_register(self) -> PostgresRegister:
        """The resident register in our own database, asked in the actor's name."""
        return PostgresRegister(self.transaction, self.office.vault)

    @cached_property
    def verifier(self) -> LinkVerifier:
        """Proves links one by one: by the own table where it holds a register, else by inquiries of another one."""
        office = self.office
        if self.register_elsewhere is not None and self.register_age is None:
            ledger = InquiryLedger(self.transaction)
            return AskingVerifier(self.resident_register, ledger, office.rules, office.claim_reader, office.places)
        return OnlineVerifier(self.local_register, office.rules, office.claim_reader, office.places)

    @cached_property
    def resident_register(self) -> ResidentRegister:
        """Inquiries by number and by items, each in the ledger."""
        office = self.office
        own = InquiringRegister(self.local_register, office.rules, office.claim_reader, office.places)
        return RecordedRegister(self.register_elsewhere or own, InquiryLedger(self.transaction))

    @cached_property
    def register_elsewhere(self) -> ResidentRegister | None:
        """The register of another system that the settings name, asked over HTTP or by files; None for our own table."""
        return other_register(self.office.settings, self.office.rules)

    @cached_property
    def link_book(self) -> PostgresLinkBook:
        """The links the actor may see, and the few acts that change one."""
        return PostgresLinkBook(self.transaction)

    @cached_property
    def notice_store(self) -> PostgresNotices:
        """Notices, files and places of work."""
        return PostgresNotices(self.connection, self.office.vault, self.clock, self.actor.login)

    @cached_property
    def profiles(self) -> ProfileService:
        """How insurers take in notices."""
        return ProfileService(self.notice_store, self.audit)

    @cached_property
    def registration_store(self) -> PostgresRegistrations:
        """Notices that become links."""
        return PostgresRegistrations(self.connection, self.office.vault, self.clock, self.actor.login)

    @cached_property
    def notice_lists(self) -> NoticeLists:
        """What the desk shows of notices."""
        return NoticeLists(self.connection, self.clock.today())

    @cached_property
    def record_lists(self) -> RecordLists:
        """The records that wait for an answer."""
        return RecordLists(self.connection)

    @cached_property
    def receptions(self) -> ReceptionService:
        """The counter where notices come in."""
        return ReceptionService(self.notice_store, self.office.rules, self.actor, self.clock, self.audit)

    @cached_property
    def registering(self) -> RegisteringService:
        """Received notices become links."""
        return RegisteringService(
            self.registration_store,
            self.resident_register,
            self.verifier,
            self.case_desk,
            self.office.vault,
            self.office.rules,
            self.clock,
            self.audit,
            self.actor.login,
        )

    @cached_property
    def answering(self) -> AnsweringService:
        """Doubts are answered, links compared again, overlaps found."""
        return AnsweringService(
            self.registration_store,
            self.link_book,
            self.verifier,
            self.case_desk,
            self.office.vault,
            self.office.rules,
            self.clock,
            self.audit,
        )

    @cached_property
    def eligibility(self) -> EligibilityBench:
        """What institutions may ask."""
        return EligibilityBench(self)
