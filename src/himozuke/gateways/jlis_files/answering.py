"""The other side of the folders: every inquiry file gets its answer file, from a register at hand."""

from __future__ import annotations

import re
from pathlib import Path

from himozuke.gateways.jlis_files.layout import FileLayout, load_layout, put
from himozuke.gateways.jlis_files.rows import answer_rows, inquiry_of
from himozuke.ports.resident_register import ResidentRegister


def answer_folder(outgoing: Path, incoming: Path, register: ResidentRegister, layout: FileLayout | None = None) -> int:
    """Answer the inquiry files that have no answer yet; returns how many.

    ``outgoing`` and ``incoming`` are named as the office sees them: inquiries are read from the first. An
    answer appears whole or not at all.
    """
    chosen = layout or load_layout()
    name = re.compile(re.escape(chosen.inquiry_file).replace(re.escape("{id}"), r"(?P<id>[0-9a-f]+)"))
    incoming.mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted(outgoing.iterdir()) if outgoing.is_dir() else ():
        match = name.fullmatch(path.name)
        answer = incoming / chosen.answer_file.format(id=match["id"]) if match else None
        if answer is None or answer.exists():
            continue
        rows = chosen.rows(path.read_bytes(), chosen.inquiry, name=path.name)
        answers = register.inquire_batch([inquiry_of(row) for row in rows])
        said = [
            row for asked, one in zip(rows, answers, strict=True) for row in answer_rows(int(asked["inquiry"]), one)
        ]
        put(answer, chosen.content(chosen.answer, said))
        count += 1
    return count
