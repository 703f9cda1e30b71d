"""Messages in a ZIP with a password (AES-256), for shares where files are encrypted."""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from pathlib import PurePosixPath

import pyzipper

from himozuke.gateways.oqs_files.xml_text import LARGEST_MESSAGE, MessageProblemError

#: What the ZIP reader raises on damaged bytes, its own errors and those it lets through.
_DAMAGE = (
    pyzipper.BadZipFile,
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)


def open_sealed(content: bytes, password: str) -> bytes:
    """Take the one message out of a ZIP; nothing is ever written under a name the ZIP gives.

    MessageProblemError when the password is wrong, there is not exactly one message, or it would
    unpack to more than a message can be.
    """
    try:
        with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
            archive.setpassword(password.encode())
            entries = [entry for entry in archive.infolist() if PurePosixPath(entry.filename).suffix.lower() == ".xml"]
            if any(".." in PurePosixPath(entry.filename.replace("\\", "/")).parts for entry in archive.infolist()):
                raise _unopened("a name in it leads out of its folder")
            unpacked: list[bytes] = []
            for entry in entries[:1]:
                with archive.open(entry) as message:
                    unpacked.append(message.read(LARGEST_MESSAGE + 1))
    except _DAMAGE as error:
        raise _unopened(str(error)) from None
    if len(entries) != 1:
        raise _unopened(f"one XML file was expected, {len(entries)} are there")
    if len(unpacked[0]) > LARGEST_MESSAGE:
        raise MessageProblemError("HZ-F06", "The message in the ZIP is too large.")
    return unpacked[0]


def seal(name: str, message: bytes, password: str) -> bytes:
    """Put a message into a ZIP under this name, encrypted with AES-256."""
    written = io.BytesIO()
    with pyzipper.AESZipFile(written, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr(name, message)
    return written.getvalue()


def _unopened(reason: str) -> MessageProblemError:
    return MessageProblemError("HZ-F07", f"The ZIP cannot be opened: {reason}.")
