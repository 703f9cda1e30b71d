"""The daemon between a shared folder and whatever answers: every request once, nothing lost.

A request is taken by renaming it into ``work/<gateway>``, so that of two gateways on one folder only one
gets it. It is given back when its gateway dies: the lock in its folder is free then, and the next gateway
takes the requests over. An answer appears in ``res`` by rename; only then the request is removed.
What cannot be read is answered with an error and kept in ``aside``.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO, Protocol

import structlog

from himozuke.errors import UpstreamDownError, UsageError
from himozuke.gateways.oqs_files.catalogue import RequestName, read_name
from himozuke.gateways.oqs_files.xml_text import LARGEST_MESSAGE

_LOG = structlog.get_logger(__name__)
_FOLDERS = ("req", "res", "face", "work", "aside")
#: A file that cannot be read is given this long to become whole before it is answered with an error.
SETTLING_SECONDS = 2.0
#: One that ends in the middle is given so many times as long: a slow line pauses for seconds.
_CUT_OFF_TIMES = 5
_END_OF_ZIP = b"PK\x05\x06"
_MOST_OF_A_ZIPS_END = 22 + 65535  # the record and the longest comment
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*)")
_POLL_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 5.0
_LOOK_FOR_DEAD_SECONDS = 5.0
_THREADS = 8
_MOST_AT_ONCE = 256  # taken of one share in one turn: others get theirs, a second gateway its part, a stop comes soon
_HIDDEN = (".", "~", "Thumbs.db")
_LOCK = ".lock"
_OWN = "."  # what a gateway itself keeps in its work folder: the lock and answers it is writing


@dataclass(frozen=True, slots=True)
class Share:
    """One institution's folder; its name is what the institution is known by."""

    root: Path

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.root.name

    def folder(self, name: str) -> Path:
        """``req``, ``res``, ``face``, ``work`` or ``aside`` of the share."""
        return self.root / name


@dataclass(frozen=True, slots=True)
class Given:
    """What goes back for one request: the bytes, how the file ends, and whether the request is kept aside."""

    content: bytes
    extension: str = "xml"
    is_refused: bool = False


class Answering(Protocol):
    """Whatever knows the answers; a request that is put again is a new question and judged again."""

    def answer(
        self, share: Share, name: RequestName, content: bytes, *, is_settled: bool, is_retaken: bool
    ) -> Given | None:
        """Answer a request file.

        ``is_retaken``: the request was tried before, by this gateway or a dead one, and its answer may not have
        come to ``res``: where the answer is the same it must be so to the byte, and leave one trace. None where
        the file is not whole yet and ``is_settled`` is false; UpstreamDownError when the answer cannot be had now.
        """


def find_shares(root: Path) -> list[Share]:
    """The shares under a root: the root itself where it has ``req``, else every folder in it that has.

    UsageError when there is none.
    """
    if (root / "req").is_dir():
        return [Share(root)]
    entries = sorted(root.iterdir()) if root.is_dir() else []
    shares = [Share(entry) for entry in entries if not entry.name.startswith(".") and (entry / "req").is_dir()]
    if not shares:
        raise UsageError(
            f"{root} holds no folder req, nor a folder with one. Make ROOT/INSTITUTION/req, or name the right root."
        )
    return shares


def put_in_place(folder: Path, name: str, content: bytes, *, by_way_of: Path | None = None) -> Path:
    """Write a file so that it appears whole: under another name first, then by rename.

    ``by_way_of`` is the folder it is written in first, on the same disk.
    """
    part = (by_way_of or folder) / f".{name}.{secrets.token_hex(4)}.part"
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    return folder / name


class Gateway:
    """Serves every share under a root until it is told to stop."""

    def __init__(self, root: Path, answering: Answering, *, settling_seconds: float = SETTLING_SECONDS) -> None:
        self._root = root
        self._answering = answering
        self._settling = settling_seconds
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._locks: dict[Path, IO[bytes]] = {}
        self._looked_for_dead_at = float("-inf")
        self._paused_until: dict[Path, float] = {}
        self._pauses: dict[Path, float] = {}
        self._unchanged_since: dict[Path, tuple[float, tuple[int, int]]] = {}
        self._untried: set[Path] = set()

    def __enter__(self) -> Gateway:
        """The gateway itself; leaving gives its locks back."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Give the locks back, so that another gateway may take over what is left at once."""
        for lock in self._locks.values():
            lock.close()
        self._locks.clear()

    def run(self, stop: Event) -> None:
        """Answer requests as they come until ``stop`` is set; a share that is away or full is waited for."""
        pause = _POLL_SECONDS
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="oqs") as pool:
            while not stop.is_set():
                try:
                    answered = self._turn(pool)
                    pause = _POLL_SECONDS
                except (OSError, UsageError) as error:
                    answered = 0
                    pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                    _LOG.warning("oqs.share_away", root=str(self._root), reason=str(error), seconds=pause)
                if not answered:
                    stop.wait(pause)

    def run_once(self) -> int:
        """Answer every request that is there, and those of gateways that died; returns how many."""
        answered = 0
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="oqs") as pool:
            while True:
                count = self._turn(pool)
                answered += count
                if count == 0 and not self._waits_for_settling():
                    return answered
                if count == 0:
                    time.sleep(_POLL_SECONDS)

    def _turn(self, pool: ThreadPoolExecutor) -> int:
        shares = find_shares(self._root)
        self._take_over_from_dead(shares)
        taken = [(share, claim) for share in shares for claim in self._take(share)]
        return sum(pool.map(lambda pair: self._answer(*pair), taken))

    def _take(self, share: Share) -> Iterator[Path]:
        """Take what is in ``req`` and what this gateway already holds, oldest first."""
        work = self._work_folder(share)
        now = time.monotonic()
        room = _MOST_AT_ONCE - len(_held(work))
        for name in _waiting(share.folder("req"), room):
            self._take_one(share.folder("req") / name, work / name, now)
        for name in sorted(_held(work)):
            if self._paused_until.get(work / name, 0.0) <= now:
                yield work / name

    def _take_one(self, request: Path, claim: Path, now: float) -> None:
        """Move a request into the work folder; one of the same name that is still being answered comes first."""
        if self._paused_until.get(request, 0.0) > now or claim.exists():
            return
        try:
            os.rename(request, claim)  # noqa: PTH104  # takes no part of Path's checks
            self._untried.add(claim)
            self._paused_until.pop(request, None)
            self._pauses.pop(request, None)
        except FileNotFoundError:
            pass  # another gateway was first
        except OSError as error:  # no right, or a program on the share holds it
            self._put_off(request, error)

    def _answer(self, share: Share, claim: Path) -> bool:
        """Answer one request and remove it; False where it has to wait."""
        name = read_name(claim.name)
        if name is None:
            self._untried.discard(claim)
            self._put_aside(share, claim)
            return True
        try:
            with claim.open("rb") as file:
                content = file.read(LARGEST_MESSAGE + 1)  # more is refused whatever it is
            is_retaken = claim not in self._untried
            self._untried.discard(claim)
            is_settled = self._is_settled(claim, content)
            given = self._answering.answer(share, name, content, is_settled=is_settled, is_retaken=is_retaken)
            if given is None:
                self._paused_until[claim] = time.monotonic() + _POLL_SECONDS
                return False
            answer = share.folder("res") / f"{name.answer}.{given.extension}"
            if not _stands(answer, given.content):
                put_in_place(answer.parent, answer.name, given.content, by_way_of=claim.parent)
        except (OSError, UpstreamDownError) as error:
            self._put_off(claim, error)
            return False
        for watched in (self._paused_until, self._pauses, self._unchanged_since):
            watched.pop(claim, None)
        if given.is_refused:
            self._put_aside(share, claim)
        else:
            claim.unlink(missing_ok=True)
        return True

    def _is_settled(self, claim: Path, content: bytes) -> bool:
        """Tell whether a file has not changed for a while, by our own watch: the clocks of a share may be wrong."""
        state = claim.stat()
        seen = (state.st_size, state.st_mtime_ns)
        now = time.monotonic()
        since, before = self._unchanged_since.setdefault(claim, (now, seen))
        if before != seen:
            since = now
            self._unchanged_since[claim] = (now, seen)
        return now - since >= self._settling * (_CUT_OFF_TIMES if is_cut_off(content) else 1)

    def _put_off(self, claim: Path, error: Exception) -> None:
        """Wait before the next try, longer each time: a full disk or a dead database mends itself or not."""
        pause = self._pauses.get(claim, _POLL_SECONDS)
        _LOG.warning("oqs.put_off", file=claim.name, reason=str(error), seconds=pause)
        self._paused_until[claim] = time.monotonic() + pause
        self._pauses[claim] = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _put_aside(self, share: Share, claim: Path) -> None:
        target = share.folder("aside") / claim.name
        if target.exists():
            target = target.with_name(f"{target.stem}-{secrets.token_hex(3)}{target.suffix}")
        with contextlib.suppress(OSError):
            claim.replace(target)

    def _waits_for_settling(self) -> bool:
        return any(claim.exists() for claim in self._paused_until if claim.parent in self._locks)

    def _work_folder(self, share: Share) -> Path:
        """This gateway's own work folder in a share, locked as long as the gateway lives."""
        for name in _FOLDERS:
            share.folder(name).mkdir(exist_ok=True)
        work = share.folder("work") / self._name
        if work not in self._locks:
            made = work.with_name(f".{self._name}")  # locked before others can see it
            made.mkdir()
            lock = (made / _LOCK).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
            made.rename(work)
            self._locks[work] = lock
        return work

    def _take_over_from_dead(self, shares: Sequence[Share]) -> None:
        """Take the requests of gateways whose lock is free: they died holding them."""
        now = time.monotonic()
        if now - self._looked_for_dead_at < _LOOK_FOR_DEAD_SECONDS:
            return
        self._looked_for_dead_at = now
        for share in shares:
            own = self._work_folder(share)
            for work in share.folder("work").iterdir():
                if work != own and not work.name.startswith("."):
                    _take_over(work, own)


def is_cut_off(content: bytes) -> bool:
    """Tell whether a file ends in the middle: its root is not closed, or the directory of its ZIP is not there.

    >>> is_cut_off(b"<?xml version='1.0'?><XmlMsg><MessageBody>"), is_cut_off(b"<XmlMsg></XmlMsg>"), is_cut_off(b"hello")
    (True, False, False)
    """
    if not content.strip():
        return True
    if content.startswith(b"PK"):
        return _END_OF_ZIP not in content[-_MOST_OF_A_ZIPS_END:]
    root = _ROOT.search(content)
    if root is None:  # a declaration alone, or nothing of ours
        return content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    return not content.rstrip().endswith((b"</" + root[1] + b">", b"/>"))


def _held(work: Path) -> list[str]:
    """The names of the requests a gateway has taken and not answered yet."""
    with os.scandir(work) as entries:
        return [entry.name for entry in entries if not entry.name.startswith(_OWN)]


def _waiting(requests: Path, most: int) -> list[str]:
    """The names of the files that wait, oldest first, so many at most."""
    found: list[tuple[float, str]] = []
    with os.scandir(requests) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # another gateway was first
                if _is_candidate(entry):
                    found.append((entry.stat().st_mtime, entry.name))
    return [name for _, name in heapq.nsmallest(most, found)]


def _is_candidate(entry: os.DirEntry[str]) -> bool:
    return (
        entry.is_file(follow_symlinks=False) and not entry.name.startswith(_HIDDEN) and not entry.name.endswith(".part")
    )


def _stands(answer: Path, content: bytes) -> bool:
    """Tell whether the answer is there already, by a gateway that died before it removed the request.

    Another content is the answer to an earlier request of the same name: it is replaced.
    """
    try:
        return answer.read_bytes() == content
    except FileNotFoundError:
        return False


def _take_over(work: Path, own: Path) -> None:
    """Move the requests out of a work folder whose lock is free; its half-written answers are dropped."""
    with contextlib.suppress(OSError), (work / _LOCK).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in sorted(work.iterdir()):
            if path.name.startswith(_OWN):
                path.unlink()
            else:
                path.rename(own / path.name)
        work.rmdir()
