"""Which texts need a translation, and which have one.

    python -m pages.ui.catalogue      adds what is missing to the catalogues and takes out what nobody says any more

The texts are read from the code (``t("...")``, ``Message("...")`` and the errors of segmethods), from the registry of
methods and from the catalogue of weights, so that nothing has to be listed by hand.
"""

from __future__ import annotations

import ast
import io
import string
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from segmethods.core.messages import SegmethodsError
from segmethods.core.settings import settings
from segmethods.core.types import BINARY, CAMVID, VOC
from segmethods.datasets import class_folders, loose_truths, object_files, panoptic
from segmethods.datasets.layouts import LAYOUTS
from segmethods.datasets.listings import SHOWS
from segmethods.datasets.shapes import SHAPES
from segmethods.methods import list_methods
from segmethods.metrics import METRICS
from segmethods.models.weights import embedded, fetchable
from segmethods.models.weights.user import JUDGED_ON, TERMS
from segmethods.reporting.cost import shorten_terms

ROOT = Path(__file__).resolve().parents[2]


def find_texts() -> dict[str, set[str]]:
    """English text -> the places that say it."""
    found: dict[str, set[str]] = {}
    for place, text in (
        *_texts_of_code(),
        *_texts_of_methods(),
        *_texts_of_scores(),
        *_texts_of_classes(),
        *_texts_of_weights(),
        *_texts_of_layouts(),
    ):
        found.setdefault(text, set()).add(place)
    return found


def catalogue_path(language: str) -> Path:
    """Where a language's catalogue lies."""
    return settings().assets_dir / "locale" / language / "LC_MESSAGES" / "segmethods.po"


def read_catalogue(language: str) -> Catalog:
    """A language's catalogue; an empty one if there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file)


def find_faults(language: str) -> list[str]:
    """What is wrong with a catalogue, one line each: missing, unused, or with other ``{places}`` than the English."""
    texts, translations = find_texts(), {str(m.id): str(m.string) for m in read_catalogue(language) if m.id}
    faults = [f"missing: {text!r}" for text in texts if not translations.get(text)]
    faults += [f"unused: {text!r}" for text in translations if text not in texts]
    faults += [
        f"other places: {text!r} -> {translation!r}"
        for text, translation in translations.items()
        if translation and places(text) != places(translation)
    ]
    return sorted(faults)


def places(text: str) -> set[str]:
    """The names of a text's ``{places}``."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def update_catalogue(language: str) -> None:
    """Add the texts that are missing, with nothing as their translation, and take out the unused ones."""
    old, new = read_catalogue(language), Catalog(locale=language)
    for text, where in sorted(find_texts().items(), key=lambda item: (min(item[1]), item[0])):
        known = old.get(text)
        new.add(text, known.string if known else "", auto_comments=[", ".join(sorted(where))])
    write_catalogue(language, new)


def write_catalogue(language: str, catalogue: Catalog) -> None:
    """Write a catalogue without dates and versions, so that only changed texts are seen as changes."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True, no_location=True)
    header = f"""msgid ""\nmsgstr "Language: {language}\\nContent-Type: text/plain; charset=utf-8\\n"\n\n"""
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + buffer.getvalue().decode(), encoding="utf-8")


def _texts_of_code() -> Iterator[tuple[str, str]]:
    files = [ROOT / "app.py", *sorted(ROOT.glob("pages/**/*.py")), *sorted(ROOT.glob("segmethods/**/*.py"))]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    speakers = {"t", "Message"} | _errors(trees.values())
    for path, tree in trees.items():
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in speakers and node.args:
                yield from ((place, text) for text in _constants(node.args[:1]))
            elif isinstance(node, ast.Call) and _name(node.func) == "About":  # of a parameter that no method has
                options = [o for a in node.args if isinstance(a, ast.Dict) for o in a.values]
                yield from ((place, text) for text in _constants([*node.args[:2], *options]))


def _constants(nodes: Iterable[ast.expr]) -> Iterator[str]:
    """The texts that are written out among arguments."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


def _errors(trees: Iterable[ast.Module]) -> set[str]:
    """The names of SegmethodsError and of all that derives from it."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {SegmethodsError.__name__}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _texts_of_methods() -> Iterator[tuple[str, str]]:
    for method in list_methods():
        place = f"method {method.id}"
        yield from ((place, text) for text in (method.title, method.summary))
        for parameter in method.parameters:
            about = parameter.about
            yield from ((place, text) for text in (about.label, about.help, *about.options.values()) if text)


def _texts_of_scores() -> Iterator[tuple[str, str]]:
    for score in METRICS.values():
        texts = (score.title, score.explanation, score.undefined, score.unit)
        yield from ((f"score {score.id}", text) for text in texts if text)


def _texts_of_classes() -> Iterator[tuple[str, str]]:
    for classes in (BINARY, VOC, CAMVID, SHAPES):
        yield from ((f"classes {classes.id}", name) for name in classes.names)


def _texts_of_weights() -> Iterator[tuple[str, str]]:
    for weights in (*embedded().values(), *fetchable().values()):
        yield from (
            (f"weights {weights.origin}", text)
            for text in (weights.terms, shorten_terms(weights.terms), weights.score.on)
        )
    yield from (("weights own", text) for text in (TERMS, shorten_terms(TERMS), JUDGED_ON))


def _texts_of_layouts() -> Iterator[tuple[str, str]]:
    names = (
        *(layout.name for layout in LAYOUTS),
        *SHOWS,
        class_folders.NAME,
        panoptic.NAME,
        object_files.NAME,
        loose_truths.LAYOUT,
    )
    yield from (("layouts", name) for name in names)


def main() -> None:
    from pages.state.session import LANGUAGES

    for language in LANGUAGES[1:]:
        update_catalogue(language)
        faults = find_faults(language)
        print(f"{catalogue_path(language).relative_to(ROOT)}: {len(faults)} to do", *faults, sep="\n")
        sys.exit(bool(faults))


if __name__ == "__main__":
    main()
