"""The vendor kit: a request with its expected answer for every message and error, in folders of their own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from himozuke.entrypoints.oqs.kit_samples import PASSWORD, WORLDS, Sample, samples
from himozuke.gateways.oqs_files.catalogue import Catalogue

_README = """# 要求と応答の見本 / Requests and answers

各フォルダーに、要求ファイルと、それに返る応答があります。人物はすべて架空です。「前提」は、応答がそうなるために
登録されているものです。エラーには`HZ-`で始まるコードが付きます。国のコードは公開されていないため独自のもので、
`himozuke oqs ROOT --result-codes FILE`で差し替えられます。毎回変わるのは`ProcessExecutionTime`、
`ReceptionNumber`、同意の日時、`face`のファイル名です。暗号化した見本のパスワードは`{password}`です。

Each folder holds a request as clinics' software writes it and the answer it gets. Everybody in them is synthetic. What is
on record for the answer to be this one is named beside it. The answer to an error bears a code beginning with `HZ-`: the
national codes are not public, so ours have a prefix of their own, and a file of yours can replace them. What differs each
time: `ProcessExecutionTime`, `ReceptionNumber`, the moments of consents, the file names in `face`. The password of the
encrypted samples is `{password}`.

| Folder | 内容 | Shows | 前提 / On record |
|---|---|---|---|
{rows}

自分の要求ファイルの検査 / Check your own requests: `himozuke oqs check FOLDER`
"""


def write_kit(folder: Path, catalogue: Catalogue | None = None) -> int:
    """Write every sample into a folder of its own, and a list of them; returns how many there are.

    ``catalogue``: a vendor's own result codes.
    """
    written = samples(catalogue)
    for sample in written:
        place = folder / sample.folder
        place.mkdir(parents=True, exist_ok=True)
        if sample.request is not None:
            (place / sample.name).write_bytes(sample.request)
        (place / sample.answer_name).write_bytes(sample.answer)
    (folder / "README.md").write_text(_README.format(rows=_rows(written), password=PASSWORD), encoding="utf-8")
    return len(written)


def _rows(written: Iterable[Sample]) -> str:
    return "\n".join(
        f"| {one.folder} | {one.shows_ja} | {one.shows} | {' / '.join(WORLDS[one.world])} |" for one in written
    )
