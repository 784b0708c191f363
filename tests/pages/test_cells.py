"""Cells: one structure in every state, everything escaped, the photo sent once."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import pytest

import segmethods as sm
from pages.ui import cells
from segmethods.core.palette import class_colour

EVIL = "<img src=x onerror=\"alert('1')\"> & </div>"
LAYERS = {"mask": b"m", "boundaries": b"b", "errors": b"e"}


class Outline(HTMLParser):
    """The classes of elements as nested lists, and all attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.paths: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        name = (dict(attrs).get("class") or tag).split()[0]
        self.paths.append("/".join([*self.open, name]))
        if tag != "img":
            self.open.append(name)

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def _done(**values: object) -> str:
    options = {"name": "DeepLab", "layers": LAYERS, "alt": "DeepLab: cat 41%", **values}
    return cells.done(**options)  # type: ignore[arg-type]


STATES = {
    "waiting": cells.waiting("DeepLab", "3rd in the queue"),
    "running": cells.running("DeepLab", "Computing"),
    "again": cells.running("DeepLab", "Computing", LAYERS),
    "failed": cells.failed("DeepLab", "No level found. Try another channel."),
    "done": _done(score="IoU 0.91", score_note="by name", score_help="Overlap", time="0.21 s", colour="#bb3344"),
    "first": cells.image("Picture", "A cat", LAYERS),
}


@pytest.mark.parametrize("state", STATES)
def test_all_states_have_the_same_rows_in_the_same_order(state: str) -> None:
    outline = Outline(STATES[state])
    rows = [p.split("/")[1] for p in outline.paths if p.count("/") == 1]
    assert rows == ["sm-picture", "sm-head", "sm-facts", "sm-legend"]
    assert not outline.open, "every element is closed"
    assert [p for p in outline.paths if p.endswith(("sm-score", "sm-time", "sm-name", "sm-note"))] == [
        "sm-cell/sm-head/sm-name",
        "sm-cell/sm-head/sm-score",
        "sm-cell/sm-facts/sm-note",
        "sm-cell/sm-facts/sm-time",
    ]


@pytest.mark.parametrize(
    "html",
    [
        cells.waiting(EVIL, EVIL),
        cells.running(EVIL, EVIL),
        cells.failed(EVIL, EVIL),
        cells.image(EVIL, EVIL, note=EVIL, chips=[cells.Chip("#000000", EVIL, EVIL)], more=EVIL),
        cells.done(
            EVIL,
            {},
            EVIL,
            chips=[cells.Chip(EVIL, EVIL, EVIL)],
            more=EVIL,
            score=EVIL,
            score_note=EVIL,
            score_help=EVIL,
            time=EVIL,
            colour=EVIL,
        ),
        cells.chips_html([cells.Chip(EVIL, EVIL, EVIL)], EVIL),
    ],
)
def test_everything_is_escaped(html: str) -> None:
    outline = Outline(html)
    assert EVIL in outline.text
    assert not [name for name, _ in outline.attributes if name.startswith("on")]
    assert "<img" not in html
    assert not outline.open


def test_the_finding_is_told_to_those_who_cannot_see() -> None:
    described = dict(Outline(STATES["done"]).attributes)
    assert described["role"] in ("img", "note")
    assert ("aria-label", "DeepLab: cat 41%") in Outline(STATES["done"]).attributes
    assert ("aria-label", "DeepLab: 3rd in the queue") in Outline(STATES["waiting"]).attributes


def test_a_failure_shows_its_sentence_to_everyone() -> None:
    outline = Outline(STATES["failed"])
    assert "No level found. Try another channel." in outline.text
    assert "role" not in dict(outline.attributes), "the sentence is text, not a picture's description"


def test_a_score_explains_itself_by_mouse_and_by_keyboard() -> None:
    outline = Outline(STATES["done"])
    assert ("tabindex", "0") in outline.attributes
    assert outline.text.count("Overlap") == 1
    assert "sm-hint" not in _done(score="IoU 0.91")


def test_layers_are_named_and_decode() -> None:
    found = re.findall(r'sm-layer-(\w+)" alt="" src="data:image/png;base64,([^"]+)"', STATES["done"])
    assert {name: base64.b64decode(data) for name, data in found} == LAYERS


def test_the_photo_is_sent_once_and_views_are_small() -> None:
    image = b"\xff\xd8" + bytes(50_000)
    assert base64.b64encode(image).decode() in cells.image_style(image, (300, 400))
    assert "1.3333" in cells.image_style(image, (300, 400))
    for view in ("overlay", "labels", "boundaries", "errors"):
        assert len(cells.view_style(view, 0.6)) < 300
    assert "--mask-opacity:0.35" in cells.view_style("overlay", 0.35)
    assert "--mask-opacity:1.00" in cells.view_style("labels", 0.35)
    assert ".sm-layer-errors" in cells.view_style("errors", 0.35)


@pytest.mark.parametrize("size", [(10, 4000), (4000, 10)])
def test_extreme_pictures_keep_a_cells_shape(size: tuple[int, int]) -> None:
    ratio = float(re.search(r"--photo-ratio:([\d.]+)", cells.image_style(b"", size))[1])
    assert 0.7 < ratio < 1.8


def test_legend_names_the_largest_and_counts_the_rest() -> None:
    shares = {8: 0.5, 0: 0.3, 15: 0.15, 12: 0.04, 3: 0.01}
    chips, more = cells.legend(shares, sm.VOC, lambda class_id: sm.VOC.names[class_id])
    assert [c.name for c in chips] == ["cat", "background", "person"]
    assert chips[0].colour == class_colour(8, sm.VOC)
    assert chips[0].share.startswith("50")
    assert more == 2


def test_error_legend_has_void_only_where_there_is_some() -> None:
    assert [c.name for c in cells.error_legend("missed", "false")] == ["missed", "false"]
    assert "sm-hatch" in cells.chips_html(cells.error_legend("missed", "false", "void"))


def test_styles_survive_the_browsers_cleaning() -> None:
    """DOMPurify drops a style element whose text looks like markup."""
    for style in (cells.CSS, cells.image_style(b"x", (1, 1)), cells.view_style("errors", 1)):
        inside = style.removeprefix("<style>").removesuffix("</style>")
        assert "<" not in inside


def test_the_pointer_reads_names_off_the_mask() -> None:
    shares = {0: 0.5, 8: 0.3, 15: 0.2, 3: 0.0}
    names = cells.names_by_colour(shares, sm.VOC, sm.VOC.names.__getitem__)
    assert names == {"": "background", class_colour(8, sm.VOC): "cat", class_colour(15, sm.VOC): "person"}
    assert (
        cells.names_by_colour(shares, sm.VOC, sm.VOC.names.__getitem__, "not judged")[""] == "background / not judged"
    )
    assert cells.names_by_colour({0: 1.0}, sm.CAMVID, sm.CAMVID.names.__getitem__) == {
        class_colour(0, sm.CAMVID): sm.CAMVID.names[0]
    }


def test_names_come_to_the_page_escaped() -> None:
    outline = Outline(_done(names={"#112233": EVIL}))
    assert json.loads(dict(outline.attributes)["data-names"] or "") == {"#112233": EVIL}
