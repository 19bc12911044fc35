"""Where a category stands, from what a shop tells about each."""

from __future__ import annotations

from bridge.catalogue.categories import paths_of as category_paths


def test_names_from_the_root_down() -> None:
    tree = {"3": ("Screws", "2"), "1": ("Root", ""), "2": ("Fasteners", "1")}
    assert category_paths(tree) == {
        "1": ("Root",),
        "2": ("Root", "Fasteners"),
        "3": ("Root", "Fasteners", "Screws"),
    }


def test_a_parent_that_is_not_told_is_left_out() -> None:
    assert category_paths({"2": ("Fasteners", "1")}) == {"2": ("Fasteners",)}


def test_a_circle_ends() -> None:
    tree = {"1": ("A", "2"), "2": ("B", "3"), "3": ("C", "1"), "4": ("D", "4")}
    paths = category_paths(tree)
    assert set(paths) == {"1", "2", "3", "4"}
    assert {id_: path[-1] for id_, path in paths.items()} == {
        "1": "A",
        "2": "B",
        "3": "C",
        "4": "D",
    }
    assert max(len(path) for path in paths.values()) <= 3
    assert paths["4"] == ("D",)


def test_no_category() -> None:
    assert category_paths({}) == {}
