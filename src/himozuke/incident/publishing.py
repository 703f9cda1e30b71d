"""What an organisation publishes about its wrong links, in versions, and the questions that came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from himozuke.errors import UsageError
from himozuke.incident import decide_after
from himozuke.incident.decide import clean, said
from himozuke.incident.figures import Period, WrongLink, as_words, changes, counted, tabulate
from himozuke.incident.letter_store import Publication, PublicationStore
from himozuke.incident.refusal import refusal
from himozuke.incident.service import Carrier, CaseTools, must_be_same

# S109: what an incident's publication says beside its figures.
SAID = ("summary", "shown", "money", "cause", "prevention_new", "prevention_existing")


class PublishingService:
    """Figures computed from the cases, never typed; a later version says why it differs (S77)."""

    def __init__(self, tools: CaseTools, publications: PublicationStore) -> None:
        self._tools = tools
        self._publications = publications

    def versions(self) -> Sequence[Publication]:
        """Every version, the newest first."""
        return self._publications.versions()

    def wrong_links(self) -> Sequence[WrongLink]:
        """Every link confirmed wrong, as a table counts it."""
        return self._publications.wrong_links()

    def preview(
        self, periods: Sequence[Period], *, as_of: date
    ) -> tuple[Mapping[str, object], Sequence[tuple[str, int, int]]]:
        """The figures as they would be published, and what they change against the last version."""
        figures = as_words(tabulate(self._publications.wrong_links(), periods, as_of=as_of))
        former = next(iter(self.versions()), None)
        return figures, changes(former.figures if former else None, figures)

    def publish(
        self, periods: Sequence[Period], *, as_of: date, texts: Mapping[str, str], reason: str, token: str | None = None
    ) -> Publication:
        """Publish a version; the cases counted in it have their last step done.

        UsageError for an as-of day to come and for a revision without a reason. The same form twice gives
        the same version; ConflictError for the same form with another content. Source: S73, S77, S109.
        """
        tools = self._tools
        organisation_id = tools.actor.organisation_id
        if organisation_id is None or as_of > tools.clock.today():
            raise UsageError(refusal("as_of"))
        former = self.versions()
        is_taken = token is not None and must_be_same(self._publications.taken_as(token), token)
        if token and is_taken and (done := self._publications.by_token(token)) is not None:
            return done
        if former and not reason.strip():
            raise UsageError(refusal("reason_of_revision"))
        links = self._publications.wrong_links()
        publication = Publication(
            version=1 + max((one.version for one in former), default=0),
            as_of=as_of,
            published_on=tools.clock.today(),
            published_by=tools.actor.login,
            reason=clean(reason, "reason") or "first",
            figures=as_words(tabulate(links, periods, as_of=as_of)),
            said={name: said(texts.get(name, ""), name) for name in SAID},
        )
        self._publications.add(publication, organisation_id=organisation_id, at=tools.clock.now(), token=token)
        tools.audit.record(
            "incident.publish",
            subject="case_publication",
            subject_id=f"{organisation_id}:{publication.version}",
            details={"version": publication.version, "as_of": as_of.isoformat(), "total": publication.figures["total"]},
        )
        carrier = Carrier(tools)
        for case_id in counted(links, periods, as_of=as_of):
            carrier.carry(case_id, lambda case: decide_after.published(case.state, version=publication.version))
        return publication
