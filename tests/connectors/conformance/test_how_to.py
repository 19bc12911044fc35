"""The page on writing a connector shows code that runs: it is the Corner Shop's own."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from textwrap import indent

import pytest
from cornershop import PLATFORM

from bridge.plugins import platforms

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "how-to" / "write-a-connector.md"
SOURCES = [*(HERE / "cornershop").glob("*.py"), HERE / "test_cornershop.py"]


def blocks(language: str) -> list[str]:
    text = PAGE.read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_page_has_code() -> None:
    assert len(blocks("python")) >= 8


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.split("\n")[0].strip())
def test_code_on_the_page_is_code_that_is_tested(block: str) -> None:
    """Whole lines of a file that the suite runs, to the letter; a method begins at the margin."""
    sources = [source.read_text("utf-8") for source in SOURCES]
    shown = (block, indent(block, "    "))
    assert any(f"\n{lines}" in source for source in sources for lines in shown), block


def test_the_entry_point_on_the_page_is_found_by_the_bridge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that is installed with it can be named in ``store add --platform``."""
    (text,) = blocks("toml")
    project = tomllib.loads(text)["project"]
    (group,) = project["entry-points"]
    ((name, value),) = project["entry-points"][group].items()
    metadata = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert platforms()[name] is PLATFORM
    assert {"magento", "shopware"} < set(platforms())


def test_links_on_the_page_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE.read_text("utf-8"))
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
