"""``himozuke simulate``: stand-ins for the systems the service talks to."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from himozuke.errors import UsageError

simulate_app = App(name="simulate", help="Stand-ins for the systems the service talks to. / 相手方の模擬。")


@simulate_app.command
def register(  # noqa: PLR0913 -- one parameter an option
    *,
    port: Annotated[int, Parameter(help="Port to answer on; 0 takes a free one.")] = 8090,
    host: Annotated[str, Parameter(help="Address to answer on.")] = "127.0.0.1",
    latency: Annotated[float, Parameter(help="Milliseconds to wait before each answer.")] = 0,
    outage: Annotated[bool, Parameter(help="Answer nothing but that it is out of order.", negative="")] = False,
    wrong: Annotated[float, Parameter(help="Share of answers that name somebody else, 0 to 1.")] = 0,
    file: Annotated[Path | None, Parameter(help="A register to answer from; made-up people without it.")] = None,
    people: Annotated[int, Parameter(help="How many made-up people.")] = 1000,
    as_of: Annotated[date | None, Parameter(help="The day the register says it is of.")] = None,
    folder: Annotated[Path | None, Parameter(help="Answer inquiry files in this folder instead of HTTP.")] = None,
    layout: Annotated[Path | None, Parameter(help="Layout of the inquiry files, when not the packaged one.")] = None,
) -> int:
    """Answer inquiries as a resident register would, slowly, wrongly or not at all.

    住民台帳の模擬。遅延・停止・誤答を指定できる。

    Answers POST /inquiries until it is stopped, and prints its address when it is ready.
    """
    from himozuke.entrypoints.simulating import serve_folder, serve_http, simulated_register

    if not 0 <= wrong <= 1:
        raise UsageError(f"--wrong is a share between 0 and 1; {wrong:g} is not.")
    simulated = simulated_register(file, people=people, as_of=as_of, latency=latency, is_out=outage, wrong=wrong)
    say = partial(print, flush=True)
    try:
        if folder is not None:
            serve_folder(simulated, folder, layout, say)
        else:
            serve_http(simulated, host=host, port=port, say=say)
    except KeyboardInterrupt:
        pass
    return 0


@simulate_app.command
def reader(
    *,
    folder: Annotated[Path | None, Parameter(help="The institution's folder, with face/ in it.")] = None,
    card: Annotated[str | None, Parameter(help="The card's ID; the demo lists them in demo.json.")] = None,
    method: Annotated[Literal["face", "pin", "visual"], Parameter(help="How the holder is identified.")] = "face",
    pin: Annotated[str | None, Parameter(help="The PIN, where the method is pin.")] = None,
    consent: Annotated[str, Parameter(help="What the patient allows: drug,checkup,procedure,limit,disease.")] = "",
    reset_pin: Annotated[
        str | None, Parameter(help="Unlock the PIN of this card, as a municipality does; nothing is read.")
    ] = None,
    result_codes: Annotated[Path | None, Parameter(help="A vendor's own result codes, in place of HZ-….")] = None,
    data: Annotated[Path | None, Parameter(help="Folder the service keeps its data in.")] = None,
) -> int:
    """Put a card on the reader of an institution; the answer appears in its face folder.

    カードリーダーの模擬。読み取り結果がfaceフォルダに現れる。

    Prints the path of the answer. Ends with 3 when the card leads to no answer: the reason is printed,
    how many tries of the PIN are left, and what to do next.
    """
    from himozuke.entrypoints.oqs.reading import NEXT_STEPS, put_card_on_reader, read_consents
    from himozuke.entrypoints.oqs.reading import reset_pin as unlock
    from himozuke.entrypoints.wiring import open_office
    from himozuke.gateways.oqs_files.catalogue import load_catalogue
    from himozuke.settings import environment_with, load

    if reset_pin is not None:
        with open_office(load(environment_with(data=data))) as office:
            unlock(office, reset_pin)
        print(f"unlocked: {reset_pin}")
        return 0
    if folder is None or card is None:
        raise UsageError("Name the institution's folder (--folder) and the card (--card).")
    if method == "pin" and not pin:
        raise UsageError("--method pin needs --pin (four digits). No try was counted.")
    allowed = read_consents(consent)
    catalogue = load_catalogue(None, result_codes)
    with open_office(load(environment_with(data=data))) as office:
        answer = put_card_on_reader(
            office, folder, card=card, method=method, pin=pin, consents=allowed, catalogue=catalogue
        )
    if answer.refused is not None:
        left = f" ({answer.refused.tries_left} tries left)" if answer.refused.tries_left is not None else ""
        print(f"refused: {answer.refused.reason}{left}")
        if answer.refused.reason in NEXT_STEPS:
            print(NEXT_STEPS[answer.refused.reason])
        return 3
    print(answer.file)
    return 0
