"""English and Chinese: every text that a person reads comes from here.

The English text is the key; the Chinese one is in ``assets/locale/zh/LC_MESSAGES/segmethods.po``.
``python -m pages.ui.catalogue`` brings that file up to date after texts were added or changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import streamlit as st
from babel.messages.pofile import read_po

from pages.state.address import bare_address
from pages.state.session import LANGUAGES, session
from pages.state.widgets import bind_widget, refresh_widgets
from segmethods.core.messages import Message, fill, fill_parts
from segmethods.core.settings import settings
from segmethods.core.types import CAMVID, VOC, Vocabulary
from segmethods.io.samples import list_samples

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~:$&]")
_READABLE = {name: name.lower() for name in CAMVID.names} | {
    "SignSymbol": "sign",
    "diningtable": "dining table",
    "pottedplant": "potted plant",
    "tvmonitor": "TV or monitor",
}
"""Names of classes that data sets write in their own way."""
_CHINESE, _LATIN = "[\u3400-\u9fff]", "[A-Za-z0-9%]"
_MIXED = re.compile(f"{_CHINESE}{_LATIN}|{_LATIN}{_CHINESE}")
_PURE = re.compile(_CHINESE * 2)
SHORT_NAMES = {"en": "EN", "zh": "中"}


def t(text: str, /, **values: object) -> str:
    """`text` in the user's language, its ``{places}`` filled with `values`."""
    said = _catalogue(session().language).get(text, text)
    return fill_chinese(said, values) if session().language == "zh" else fill(said, values)


def fill_chinese(template: str, values: Mapping[str, object]) -> str:
    """`fill` for a Chinese template: around its places a space where Chinese meets letters or digits, and no other.

    Which of both a name begins and ends with, a template can't know. Inside a value nothing changes: it may be the name
    of a file.

    Examples
    --------
    >>> [fill_chinese("由 {method} 给出{name}", {"method": m, "name": "猫"}) for m in ("DeepLab", "阈值法")]
    ['由 DeepLab 给出猫', '由阈值法给出猫']
    >>> fill_chinese("{method}给出{name}", {"method": "DeepLab", "name": "TV"})
    'DeepLab 给出 TV'
    """
    parts = [part for part in fill_parts(template, values) if part]
    for i in range(len(parts) - 1):
        one, other = parts[i : i + 2]
        bare, rest = one.rstrip(" "), other.lstrip(" ")
        if _PURE.fullmatch(bare[-1:] + rest[:1]):
            parts[i : i + 2] = bare, rest
        elif _MIXED.fullmatch(one[-1:] + other[:1]):
            parts[i] = f"{one} "
    return "".join(parts)


def say_in(language: str, message: Message) -> str:
    """A message without places in a language, where there is no user yet."""
    return _catalogue(language).get(message.template, message.template)


def translate(message: Message) -> str:
    """A message in the user's language; values that are messages themselves are translated as well."""
    values = {name: translate(v) if isinstance(v, Message) else v for name, v in message.values.items()}
    return t(message.template, **values)


def translate_all(messages: Iterable[Message]) -> str:
    """Messages as one paragraph."""
    return join_sentences(map(translate, messages))


def join_sentences(sentences: Iterable[str]) -> str:
    """Those that say something as one paragraph: Chinese sentences have no space between them."""
    return ("" if session().language == "zh" else " ").join(filter(None, sentences))


def explain_verdict(messages: Sequence[Message], lesson: str) -> str:
    """What follows a verdict's first sentence, as Markdown: the figures, then in small print all else and a lesson."""
    link = t("[What these figures mean]({address})", address=bare_address(lesson, session()))
    return f"{translate_all(messages[:2])}\n\n:small[{join_sentences([translate_all(messages[2:]), link])}]"


def escape_markdown(text: str) -> str:
    """`text` as Markdown that shows it as it is: names of files and what stands in links are not ours."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def translate_each(messages: Mapping[str, Message]) -> dict[str, str]:
    """A table of messages as a table of texts, such as the options of a widget with their labels."""
    return {key: translate(message) for key, message in messages.items()}


def class_name(classes: Vocabulary, class_id: int) -> str:
    """What class `class_id` is called in the user's language.

    An id that the vocabulary doesn't have is called by its number.
    """
    if classes.id == "segments" or class_id >= len(classes):
        return t("segment {number}", number=class_id + 1)
    for sample in list_samples():
        if classes is sample.vocabulary not in (VOC, CAMVID) and class_id in sample.classes:
            return localized(sample.classes[class_id])
    name = classes.names[class_id]
    return _catalogue(session().language).get(name, name)


def localized(texts: Mapping[str, str]) -> str:
    """The one of a text's translations, by language, that the user reads."""
    return texts.get(session().language, texts[LANGUAGES[0]])


def choose_language() -> None:
    """The switch between the languages; the choice takes effect before anything is drawn."""
    st.segmented_control(
        t("Language"),
        LANGUAGES,
        format_func=SHORT_NAMES.__getitem__,
        **bind_widget("language", session().language, "default"),
        required=True,
        label_visibility="collapsed",
        on_change=_take_language,
    )


def _take_language() -> None:
    session().language = st.session_state["language"]
    refresh_widgets()


@cache
def _catalogue(language: str) -> dict[str, str]:
    if language == LANGUAGES[0]:
        return _READABLE
    path = settings().assets_dir / "locale" / language / "LC_MESSAGES" / "segmethods.po"
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.fuzzy}
