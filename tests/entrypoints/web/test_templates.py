"""What every template keeps to: two languages, nothing inline, a token in every form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from himozuke.entrypoints import web
from himozuke.entrypoints.web.rendering import environment

FOLDER = Path(web.__file__).parent / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
SAMPLE_FILE = re.compile(r'<pre class="sample">.*?</pre>', re.DOTALL)  # lines of a file, the same in every language
JAPANESE = re.compile(r"[\u3041-\u30fa\u4e00-\u9fff]")
LANGUAGES = 2


def parsed(name: str) -> nodes.Template:
    return environment("ja").parse((FOLDER / name).read_text("utf-8"))


def spoken(tree: nodes.Node) -> Iterator[nodes.Call]:
    """Every sentence that is said in both languages."""
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            yield call


def japanese_texts(node: nodes.Node) -> Iterator[str]:
    """Japanese in a template outside what is said in both languages."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name == "_":
            continue
        if isinstance(child, nodes.TemplateData) and JAPANESE.search(SAMPLE_FILE.sub("", child.data)):
            yield child.data.strip()
        if isinstance(child, nodes.Const) and isinstance(child.value, str) and JAPANESE.search(child.value):
            yield child.value
        yield from japanese_texts(child)


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_is_said_in_both_languages(name: str) -> None:
    tree = parsed(name)

    assert list(japanese_texts(tree)) == []
    assert [call.lineno for call in spoken(tree) if len(call.args) != LANGUAGES] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_stands_inline_that_the_browser_is_told_to_refuse(name: str) -> None:
    text = re.sub(r"{#.*?#}", "", (FOLDER / name).read_text("utf-8"), flags=re.DOTALL)

    assert re.findall(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|<script(?![^>]*\ssrc=)|javascript:", text) == []
    assert re.findall(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", text) == []


@pytest.mark.parametrize("name", [name for name in NAMES if "macros/" not in name])
def test_every_form_carries_the_token_of_its_session(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    forms = re.findall(r"<form\b[^>]*>.*?</form>", text, flags=re.DOTALL)

    without = [form for form in forms if 'method="post"' in form and "csrf_field()" not in form]

    assert [form[:80] for form in without if "token_field" not in form] == []
