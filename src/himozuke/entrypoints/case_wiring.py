"""The services of cases, put together for one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from himozuke.incident.asking import AskingService, Post, Registers
from himozuke.incident.calls import CallService
from himozuke.incident.correcting import CorrectingService
from himozuke.incident.exposing import ExposingService
from himozuke.incident.group_reporting import GroupReportingService
from himozuke.incident.log_import import LogImportService
from himozuke.incident.publishing import PublishingService
from himozuke.incident.replying import ReplyService
from himozuke.incident.reporting import ReportingService
from himozuke.incident.service import CaseService, CaseTools
from himozuke.ports.office import LinkBook
from himozuke.schemes import all_schemes
from himozuke.stores.access_log import PostgresAccessLog
from himozuke.stores.case_publications import PostgresCalls, PostgresPublications
from himozuke.stores.cases import PostgresCases
from himozuke.stores.letters import PostgresLetters
from himozuke.stores.links import PostgresLinkBook

if TYPE_CHECKING:
    from himozuke.entrypoints.wiring import OfficeWork


class CaseBench:
    """What the incident desk works with, each part made when it is first asked for."""

    def __init__(self, work: OfficeWork) -> None:
        self._work = work

    @cached_property
    def store(self) -> PostgresCases:
        """Cases, their events and lists."""
        return PostgresCases(self._work.connection)

    @cached_property
    def links(self) -> LinkBook:
        """The links the actor may see."""
        return PostgresLinkBook(self._work.transaction)

    @cached_property
    def tools(self) -> CaseTools:
        """What every act on a case needs."""
        work = self._work
        return CaseTools(self.store, self.links, work.audit, work.clock, work.actor, work.office.rules)

    @cached_property
    def cases(self) -> CaseService:
        """Opening and carrying cases."""
        return CaseService(self.tools)

    @cached_property
    def letters(self) -> PostgresLetters:
        """The file of printed documents."""
        return PostgresLetters(self._work.connection)

    @cached_property
    def log(self) -> PostgresAccessLog:
        """Who viewed what."""
        return PostgresAccessLog(self._work.connection)

    @cached_property
    def registers(self) -> Registers:
        """The resident register and the vault."""
        return Registers(self._work.resident_register, self._work.office.vault)

    @cached_property
    def asking(self) -> AskingService:
        """Letters to the person."""
        office = self._work.office
        post = Post(office.printer, self.letters, office.settings.public_url)
        return AskingService(self.tools, post, self.registers, scheme_names())

    @cached_property
    def correcting(self) -> CorrectingService:
        """Correction and release by two people."""
        return CorrectingService(self.tools, self.registers, self._work.verifier)

    @cached_property
    def exposing(self) -> ExposingService:
        """Who saw what in the wrong time."""
        return ExposingService(self.tools, self.log)

    @cached_property
    def reporting(self) -> ReportingService:
        """Reports, the letter that tells the person, the confirmation sheet."""
        return ReportingService(self.tools, self.asking, self.exposing, scheme_names())

    @cached_property
    def group_reporting(self) -> GroupReportingService:
        """One report for a leak of several cases."""
        return GroupReportingService(self.tools, self.asking)

    @cached_property
    def publishing(self) -> PublishingService:
        """Published figures in versions."""
        return PublishingService(self.tools, PostgresPublications(self._work.connection))

    @cached_property
    def calls(self) -> CallService:
        """Questions that came in."""
        return CallService(self.tools, PostgresCalls(self._work.connection), self.cases)

    @cached_property
    def replies(self) -> ReplyService:
        """Answers through the one-time address."""
        return ReplyService(self.tools, self.letters)

    @cached_property
    def log_imports(self) -> LogImportService:
        """Taking over the payment fund's log."""
        return LogImportService(self.log, self._work.clock, self._work.audit, self._work.office.rules)


def scheme_names() -> Mapping[str, str]:
    """Scheme code to its name as letters print it."""
    return {scheme.code: scheme.name_ja for scheme in all_schemes()}
