"""Links lead somewhere, commands are understood, nothing private is told."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
from documents import DOCS, IDS, PAGES, ROOT, all_blocks, anchors, blocks, bridge_commands, prose

from bridge.cli import main
from bridge.installations.credentials import match_credentials, read_credentials
from bridge.plugins import platforms, sandboxes
from bridge.programme.loading import load

README = ROOT / "README.md"
each_page = pytest.mark.parametrize("page", PAGES, ids=IDS)
LANGUAGES = {"sh", "yaml", "csv", "ini", "text", "python", "toml", ""}
"""``text`` is output; a fence without a language is a command's usage line."""


def links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            continue
        target = (page.parent / parts.path).resolve() if parts.path else page
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in anchors(target), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached = {README}
    todo = [README]
    while todo:
        page = todo.pop()
        for link in links(page):
            target = (page.parent / urlsplit(link).path).resolve()
            if target.suffix == ".md" and target.is_file() and target not in reached:
                reached.add(target)
                todo.append(target)
    assert {str(page.relative_to(ROOT)) for page in set(PAGES) - reached} == set()


def test_the_index_lists_every_page() -> None:
    index = DOCS / "index.md"
    listed = {(DOCS / urlsplit(link).path).resolve() for link in links(index)}
    pages = {page for page in PAGES if page.is_relative_to(DOCS) and page != index}
    assert {page for page in pages - listed if page.parent.name != "decisions"} == set()


@each_page
def test_each_block_says_what_it_is(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES


def test_the_readme_begins_with_the_demo_and_then_the_tests() -> None:
    first = next(block for block in blocks(README) if block.language == "sh")
    assert first.text == "make demo\nmake test\n"
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert {"demo", "test"} <= set(targets)


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"`make ([a-z-]+)[^`]*`", page.read_text("utf-8"))
    }
    assert {"demo", "test", "setup"} <= named <= targets


# -- commands -------------------------------------------------------------------------------


def understood(arguments: list[str]) -> click.Command:
    """Walks down to the command and lets it read its options, without running it."""
    command: click.Command = main
    context = click.Context(main, info_name="loyalty-bridge")
    rest = arguments
    while isinstance(command, click.Group):
        _, rest, _ = command.make_parser(context).parse_args(list(rest))
        found = command.get_command(context, rest[0]) if rest else None
        if found is None:
            return command
        command, rest = found, rest[1:]
        context = click.Context(
            command, parent=context, info_name=command.name, **command.context_settings
        )
    context.resilient_parsing = True  # files that are named need not be there
    left = command.parse_args(context, list(rest))
    assert left == [] or "--help" in rest, left
    return command


EXAMPLES = [arguments for block in all_blocks("sh") for arguments in bridge_commands(block.text)]


@pytest.mark.parametrize("arguments", EXAMPLES, ids=" ".join)
def test_commands_in_blocks_are_understood(arguments: list[str]) -> None:
    understood(arguments)


@each_page
def test_commands_in_prose_are_understood(page: Path) -> None:
    text = prose(page)
    for quoted in re.findall(r"`loyalty-bridge ([^`]+)`", text):
        words = [word for word in quoted.split() if word not in ("…",)]
        understood([word for word in words if word.isascii()])


def test_every_command_has_a_section_in_the_reference() -> None:
    page = (DOCS / "reference" / "commands.md").read_text("utf-8")

    def walk(path: str, command: click.Command) -> None:
        assert f"\n## {path}\n" in page
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=path)
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                walk(f"{path} {name}", below)

    walk("loyalty-bridge", main)


# -- examples -------------------------------------------------------------------------------


PROGRAMMES = [
    block
    for block in all_blocks("yaml")
    if not block.about and not block.page.match("reference/programme*.md")
]
"""Those of the reference page have tests of their own; what is something else says what."""


@pytest.mark.parametrize("block", PROGRAMMES, ids=str)
def test_an_example_programme_loads_without_a_problem(block, tmp_path: Path) -> None:
    for table in blocks(block.page):
        if table.language == "csv":
            (tmp_path / table.about).write_text(table.text, encoding="utf-8")
    path = tmp_path / "programme.yaml"
    path.write_text(block.text, encoding="utf-8")
    assert load(path).problems == ()


CREDENTIALS = [block for block in all_blocks("ini") if block.about.startswith("credentials=")]


@pytest.mark.parametrize("block", CREDENTIALS, ids=str)
def test_example_credentials_are_of_a_kind_that_the_platform_takes(block) -> None:
    platform = platforms()[block.about.removeprefix("credentials=")]
    assert match_credentials(platform, read_credentials(block.text))


@pytest.mark.parametrize("name", ["magento", "shopware"])
def test_every_kind_of_credentials_has_an_example(name: str) -> None:
    shown = [block for block in CREDENTIALS if block.about == f"credentials={name}"]
    kinds = {match_credentials(platforms()[name], read_credentials(one.text)) for one in shown}
    assert kinds == {credential.kind for credential in platforms()[name].credentials}


# -- what must not be there -----------------------------------------------------------------

PRIVATE = re.compile(
    r"(?<![\w.])/(?:home|root|work|usr|opt|Users)/|[A-Za-z]:\\|gAAAA[\w-]{20}"
    r"|BEGIN [A-Z ]*PRIVATE KEY|\b[0-9a-z]{32}\b"
)


@each_page
def test_no_machine_path_and_no_secret(page: Path) -> None:
    text = page.read_text("utf-8")
    for sandbox in sandboxes().values():  # published, and guarding nothing
        for value in sandbox.credentials.values():
            text = text.replace(value, "")
    assert PRIVATE.findall(text) == []


def test_the_pattern_of_private_things_finds_some() -> None:
    assert all(PRIVATE.search(text) for text in ("in /home/me/x", "key " + "a1" * 16))


def test_the_picture_is_drawn_here_and_fetches_nothing() -> None:
    pictures = [link for link in links(README) if link.endswith(".svg")]
    assert pictures
    for picture in pictures:
        drawing = (ROOT / picture).read_text("utf-8")
        assert "<title" in drawing
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", drawing) == []
