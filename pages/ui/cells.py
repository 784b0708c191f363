"""A result cell as one piece of HTML, in every state of its life, and the style that cells share.

The photo is sent once, as the custom property ``--photo``; a cell holds only clear layers that lie over it. Which layer
is seen, and how strongly, is a matter of `view_style`, some hundred bytes, so cells are not sent again for it.
All texts come in translated; all of them are escaped here, because names of files and classes are a user's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from pages.state.session import View
from pages.ui import numbers
from segmethods.core.palette import FALSE, MISSED, class_colour, has_background, to_hex
from segmethods.core.types import Vocabulary

Layer = Literal["mask", "boundaries", "errors", "disagreement"]

CSS = f"<style>{(Path(__file__).parent / 'cells.css').read_text(encoding='utf-8')}</style>"
"""The style of cells and of their grid, ``st.container(key="cells")``; give it to ``st.html`` once a run."""

MOST_NAMED = 40
"""Of more classes than this in one picture the smallest stay without a name under the pointer."""

_LAYER_OF: Mapping[View, Layer] = {"overlay": "mask", "labels": "mask", "boundaries": "boundaries", "errors": "errors"}


@dataclass(frozen=True)
class Chip:
    """One entry of a legend: a colour (``"#rrggbb"``), a name and a share of the picture, ready to be read."""

    colour: str
    name: str
    share: str = ""


def legend(
    shares: Mapping[int, float], classes: Vocabulary, name: Callable[[int], str], most: int = 3
) -> tuple[tuple[Chip, ...], int]:
    """The chips of the largest classes and the number of those left out.

    Parameters
    ----------
    shares : mapping
        Class id -> fraction of the picture, largest first, as `Segmentation.shares` gives it.
    classes : Vocabulary
        Where the colours come from.
    name : callable
        Class id -> its name in the user's language.
    """
    present = [class_id for class_id, fraction in shares.items() if fraction > 0]
    shown = present[:most]
    chips = tuple(
        Chip(class_colour(class_id, classes), name(class_id), numbers.share(shares[class_id])) for class_id in shown
    )
    return chips, len(present) - len(shown)


def names_by_colour(
    shares: Mapping[int, float], classes: Vocabulary, name: Callable[[int], str], void: str = "", most: int = MOST_NAMED
) -> dict[str, str]:
    """The names that the pointer reads off a mask, by colour; that of the background, which is clear, is "".

    Parameters
    ----------
    shares, classes, name : see `legend`
    void : str
        What pixels are called that nobody judges, if there are any; they are clear, too.
    """
    present = [class_id for class_id, fraction in shares.items() if fraction > 0][:most]
    names = {class_colour(class_id, classes): name(class_id) for class_id in present}
    if has_background(classes):
        names = {("" if c == class_colour(0, classes) else c): n for c, n in names.items()}
    return names | ({"": " / ".join(filter(None, (names.get(""), void)))} if void else {})


def error_legend(missed: str, false: str, void: str = "") -> tuple[Chip, ...]:
    """The chips of the error map; its three words come in translated."""
    chips = (Chip(to_hex(MISSED), missed), Chip(to_hex(FALSE), false))
    return (*chips, Chip("hatch", void)) if void else chips


def chips_html(chips: Sequence[Chip], more: str = "", words: str = "", words_help: str = "") -> str:
    """A line of colour chips with names and shares; `more` ("+3 more") and then `words` and a "?" end it."""
    items = [
        f'<span class="sm-chip"><i class="{"sm-hatch" if c.colour == "hatch" else ""}" '
        f'style="background-color:{"transparent" if c.colour == "hatch" else escape(c.colour)}"></i>'
        f"<span>{escape(c.name)}</span>{f'<b>{escape(c.share)}</b>' if c.share else ''}</span>"
        for c in chips
    ]
    if more:
        items.append(f'<span class="sm-chip sm-more">{escape(more)}</span>')
    if words:
        items.append(f'<span class="sm-words">{escape(words)}{_hint(words_help)}</span>')
    return f'<div class="sm-chips">{"".join(items)}</div>'


def waiting(name: str, note: str) -> str:
    """A method that has not begun; `note` tells its place in the queue ("3rd in the queue")."""
    return _cell("waiting", name, _image({}, alt=f"{name}: {note}", message=note))


def running(name: str, note: str, layers: Mapping[Layer, bytes] | None = None) -> str:
    """A method at work; `layers` are those of its last result, shown dimmed meanwhile."""
    return _cell("running", name, _image(layers or {}, alt=f"{name}: {note}", message=note))


def failed(name: str, message: str) -> str:
    """A method without an answer; `message` says in one sentence why and what to do."""
    return _cell("failed", name, _image({}, alt="", message=message))


def done(
    name: str,
    layers: Mapping[Layer, bytes],
    alt: str,
    *,
    names: Mapping[str, str] | None = None,
    chips: Sequence[Chip] = (),
    more: str = "",
    words: str = "",
    words_help: str = "",
    score: str = "",
    score_note: str = "",
    score_help: str = "",
    is_bound: bool = False,
    time: str = "",
    colour: str = "",
) -> str:
    """A result.

    Parameters
    ----------
    name : str
        The method's title.
    layers : mapping
        What lies over the photo: ``{"mask": png, "boundaries": png, "errors": png}``, those that there are.
    alt : str
        The finding in words: "DeepLab: cat 41% of the picture".
    names : mapping
        What the pointer reads off the mask, see `names_by_colour`.
    chips, more : see `legend`
    words, words_help : str
        What else there is to say below the picture, such as "3 × car"; behind a "?", what the method knows.
    score, score_note, score_help : str
        "IoU 0.91"; by which alignment, in small print; what the score means, behind a "?".
    is_bound : bool
        Whether the score is no result but an upper bound: it is grey then.
    time : str
        "0.21 s".
    colour : str
        The method's colour in charts, ``"#rrggbb"``; a dot of it stands before the name.
    """
    dot = f'<i class="sm-dot" style="background-color:{escape(colour)}"></i>' if colour else ""
    return _cell(
        "done",
        name,
        _image(layers, alt, names=names),
        before=dot,
        score=(f'<span class="sm-bound">{escape(score)}</span>' if is_bound else escape(score)) + _hint(score_help),
        note=escape(score_note),
        time=escape(time),
        legend=chips_html(chips, more, words, words_help),
    )


def image(
    name: str,
    alt: str,
    layers: Mapping[Layer, bytes] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    note: str = "",
    chips: Sequence[Chip] = (),
    more: str = "",
) -> str:
    """The first cell: the photo itself, with the truth (as its layers) or the disagreement over it."""
    return _cell(
        "first", name, _image(layers or {}, alt, names=names), note=escape(note), legend=chips_html(chips, more)
    )


def image_style(image: bytes, size: tuple[int, int]) -> str:
    """The photo (a JPEG) and its proportions (height and width), once for all cells of the page."""
    height, width = size
    ratio = min(max(width / height, 0.75), 16 / 9)
    return f"<style>:root{{--photo:url({_data_url(image, 'jpeg')});--photo-ratio:{ratio:.4f}}}</style>"


def view_style(view: View, opacity: float) -> str:
    """Which layer is seen, and how strongly it covers the photo (0 to 1)."""
    strength = opacity if view == "overlay" else 1.0
    shown = {"labels": "0", "errors": "0.55"}.get(view, "1")
    style = (
        f":root{{--mask-opacity:{strength:.2f};--photo-opacity:{shown}}}.sm-layer-{_LAYER_OF[view]}{{display:block}}"
    )
    if view == "labels":  # the first cell keeps the photo: without it nobody knows what the labels are of
        style += f".sm-first .sm-photo{{opacity:1}}.sm-first .sm-layer-mask{{opacity:{opacity:.2f}}}"
    if view == "errors":  # the first cell has none; its mask is what the errors were judged by
        style += f".sm-first .sm-layer-mask{{display:block;opacity:{opacity:.2f}}}"
    return f"<style>{style}</style>"


def _cell(
    state: str,
    name: str,
    image: str,
    *,
    before: str = "",
    score: str = "",
    note: str = "",
    time: str = "",
    legend: str = "",
) -> str:
    return (
        f'<div class="sm-cell sm-{state}">{image}'
        f'<div class="sm-head"><span class="sm-name">{before}{escape(name)}</span>'
        f'<span class="sm-score">{score}</span></div>'
        f'<div class="sm-facts"><span class="sm-note">{note}</span><span class="sm-time">{time}</span></div>'
        f'<div class="sm-legend">{legend}</div></div>'
    )


def _image(layers: Mapping[Layer, bytes], alt: str, message: str = "", names: Mapping[str, str] | None = None) -> str:
    stack = "".join(
        f'<img class="sm-layer sm-layer-{layer}" alt="" src="{_data_url(data, "png")}">'
        for layer, data in layers.items()
    )
    described = f' role="img" tabindex="0" aria-label="{escape(alt)}"' if alt else ""
    named = f' data-names="{escape(json.dumps(names, ensure_ascii=False))}"' if names else ""
    text = f'<div class="sm-message">{escape(message)}</div>' if message else ""
    return f'<div class="sm-picture"{described}{named}><div class="sm-photo"></div>{stack}{text}</div>'


def _hint(text: str) -> str:
    if not text:
        return ""
    told = escape(text)
    return f'<span class="sm-hint" tabindex="0" role="note" aria-label="{told}">?<span>{told}</span></span>'


def _data_url(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
