"""Messages as bytes and as trees: Shift_JIS or UTF-8, any order of elements, nothing that expands.

The standard parser refuses Shift_JIS, so bytes are decoded first and the declaration dropped. A message
has no document type and no entities of its own; one that has is refused before it is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape

LARGEST_MESSAGE = 16 * 2**20  # some 20,000 people in one request; eight are read at a time
_DEEPEST = 24
_MOST_ELEMENTS = 400_000
_DECLARATION = re.compile(r"\s*<\?xml\b(?P<about>[^>]*)\?>")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The codec lets five bytes pass where they stand alone (80, A0, FD to FF); no character has them.
_BYTES_OF_NO_CHARACTER = re.compile("[\x80\xa0\uf8f1-\uf8f3]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
UNREADABLE = "●"
_BLACK_CIRCLE = "himozuke-black-circle"


class CharacterCode(StrEnum):
    """The code of an answer (OQSCD005)."""

    UTF_8 = "0"
    SHIFT_JIS = "1"


class MessageProblemError(Exception):
    """A file is no message, or asks for what cannot be answered; ``code`` is the result code the answer bears.

    ``line`` is where in the file, from 1, 0 where that is not known; ``echo`` what was asked, given back
    so that its sender knows which of many it was.
    """

    def __init__(self, code: str, reason: str, *, line: int = 0, echo: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.line = line
        self.echo = echo


@dataclass(slots=True)
class Node:
    """An element: its name, its text without the blanks around it, its children in order, its line in the file."""

    name: str
    text: str
    children: list[Node]
    line: int = 0

    def child(self, name: str) -> Node | None:
        """The first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def every(self, name: str) -> list[Node]:
        """Every child of this name, in order."""
        return [child for child in self.children if child.name == name]

    def value(self, name: str) -> str:
        """The text of the first child of this name; empty where it is absent or empty."""
        found = self.child(name)
        return found.text if found is not None else ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read, the code it came in, and its bytes."""

    root: Node
    code: CharacterCode
    content: bytes


def read_message(content: bytes) -> Message:
    """Read a message; MessageProblemError says in a word what is wrong with it."""
    if not content.strip():
        raise MessageProblemError(
            "HZ-F02", "The file is empty. Write it elsewhere first and move it into req when it is whole."
        )
    if len(content) > LARGEST_MESSAGE:
        raise MessageProblemError(
            "HZ-F06", f"The file is larger than {LARGEST_MESSAGE} bytes. Ask for fewer people in one file."
        )
    text, code = _decode(content)
    declaration = _DECLARATION.match(text)
    return Message(_parse(text[declaration.end() :] if declaration else text), code, content)


def _decode(content: bytes) -> tuple[str, CharacterCode]:
    if content.startswith(b"\xef\xbb\xbf"):
        return _strict(content[3:], "utf-8"), CharacterCode.UTF_8
    declared = _ENCODING.match(content)
    name = declared[1].decode().lower() if declared else "utf-8"
    if name in {"utf-8", "utf8"}:
        return _strict(content, "utf-8"), CharacterCode.UTF_8
    if name in {"shift_jis", "shift-jis", "sjis", "windows-31j", "cp932", "ms932", "x-sjis"}:
        return _strict(content, "cp932"), CharacterCode.SHIFT_JIS
    raise MessageProblemError("HZ-F03", f"The encoding {name} is not known. Write Shift_JIS or UTF-8.")


def _strict(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise MessageProblemError(
            "HZ-F03", f"Byte {error.start + 1} of the file is not {encoding}. Write the encoding the declaration names."
        ) from None
    if encoding == "cp932" and _BYTES_OF_NO_CHARACTER.search(text):
        raise MessageProblemError("HZ-F03", "The file holds bytes that no character of Shift_JIS has.")
    return text


class _Reader:
    """Builds the tree and refuses what no message has."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._texts: list[list[str]] = []
        self._elements = 0
        self.parser = expat.ParserCreate(encoding="utf-8")

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise MessageProblemError(
                "HZ-F06",
                "The file is deeper or longer than any message. Check the program that wrote it.",
                line=self.parser.CurrentLineNumber,
            )
        node = Node(name, "", [], self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(node)
        elif self.root is None:
            self.root = node
        self._open.append(node)
        self._texts.append([])

    def end(self, _name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop()).strip("\t\n\r ")

    def text(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    @staticmethod
    def refuse(*_about: object) -> NoReturn:
        raise MessageProblemError("HZ-F05", "The file has a document type or entities of its own; a message has none.")


def _parse(text: str) -> Node:
    reader = _Reader()
    parser = reader.parser
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)  # expat takes it by place only
    except expat.ExpatError as error:
        raise MessageProblemError(
            "HZ-F04",
            f"Line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}. Close every element.",
            line=error.lineno,
        ) from None
    finally:
        del reader.parser  # holds the handlers, which hold the reader
    if reader.root is None:
        raise MessageProblemError("HZ-F04", "The file holds no element.")
    return reader.root


Content = str | Sequence["Element"]
Element = tuple[str, "Content"]


def render(root: Element, code: CharacterCode) -> bytes:
    """Write a tree of names and texts; a character the code lacks becomes ``●``, as the national system does."""
    encoding = "UTF-8" if code is CharacterCode.UTF_8 else "Shift_JIS"
    body = "".join(_pieces(root))
    text = f'<?xml version="1.0" encoding="{encoding}" standalone="no"?>\n{body}\n'
    if code is CharacterCode.UTF_8:
        return text.encode("utf-8", "replace")
    return _BYTES_OF_NO_CHARACTER.sub(UNREADABLE, _SELECTORS.sub("", text)).encode("cp932", _BLACK_CIRCLE)


def recoded(content: bytes, code: CharacterCode) -> bytes:
    """A message of ours in another code, its ``CharacterCodeIdentifier`` with it."""

    def again(node: Node) -> Element:
        if node.name == "CharacterCodeIdentifier":
            return node.name, code
        return node.name, [again(child) for child in node.children] or node.text

    return render(again(read_message(content).root), code)


def _pieces(element: Element) -> Iterator[str]:
    name, content = element
    if isinstance(content, str):
        yield f"<{name}>{escape(_NOT_IN_XML.sub(UNREADABLE, content))}</{name}>"
        return
    yield f"<{name}>"
    for child in content:
        yield from _pieces(child)
    yield f"</{name}>"


def _black_circle(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101  # what a writer raises
    return UNREADABLE, error.start + 1


codecs.register_error(_BLACK_CIRCLE, _black_circle)
