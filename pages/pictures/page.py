"""My pictures: all of them in one table, what every method finds in each, and a network that learns from them."""

from functools import partial
from pathlib import Path

import streamlit as st

from pages.pictures.headline import draw_headline, open_headline
from pages.pictures.rows import plan_of, read_pixels
from pages.pictures.table import draw_table
from pages.pictures.takeaway import draw_takeaway
from pages.pictures.teach import draw_teaching
from pages.pictures.worth import draw_worth
from pages.state.fields import pictures_fields
from pages.state.navigation import publish_address, take_address
from pages.state.own_images import add_images, own_set, take_images
from pages.state.session import Session, session
from pages.ui.image_picker import make_upload
from pages.ui.language import escape_markdown, t, translate
from pages.ui.methods import choose_methods
from pages.ui.notices import draw_notices
from pages.ui.skipped import draw_skipped
from pages.ui.suggestion import draw_suggestion
from pages.ui.white_masks import choose_white
from segmethods.core.settings import settings
from segmethods.datasets.image_sets import ImageSet

STYLE = (Path(__file__).parent / "pictures.css").read_text(encoding="utf-8")


def main() -> None:
    st.html(f"<style>{STYLE}</style>")
    visitor = session()
    take_address(pictures_fields())
    with st.sidebar:
        st.subheader(t("Methods"))
        choose_methods(visitor)
    publish_address(pictures_fields())
    draw_notices(visitor)
    found = own_set(visitor)
    headline = open_headline(t("What do the methods find in your pictures?"), introduce(found, visitor))
    choose_images(visitor, found)
    if found is None:
        return
    draw_facts(found)
    choose_white(found, visitor, "pictures.white")
    draw_suggestion([(str(image.file), partial(read_pixels, image)) for image in found.images], visitor)
    rows = draw_table(found, visitor)
    plan = plan_of(visitor.methods, visitor.params)
    draw_headline(headline, found, rows, plan)
    draw_takeaway(found, rows, visitor)
    draw_worth(found, rows, plan)
    draw_teaching(found, visitor)


def introduce(found: ImageSet | None, visitor: Session) -> str:
    """What stands where the verdict will: what to do here, then what goes on."""
    if found is not None:
        return t("Comparing {count:method|methods} …", count=len(visitor.methods))
    return t(
        "Drop photos, a folder, or a ZIP, with masks or without. Every method runs on every picture; with "
        "masks you get scores. The same pictures are then on Compare and Benchmark."
    )


def choose_images(visitor: Session, found: ImageSet | None) -> None:
    """Where files are given; a set that is there can be added to."""
    limits = settings()
    folder = False
    with st.container(key="pictures-upload", gap="small"):
        if found is None:
            folder = st.toggle(t("A whole folder"), key="pictures.folder")
        key = "pictures.folder_files" if folder else "pictures.files"
        st.file_uploader(
            t("Pictures and masks") if found is None else t("Add pictures or masks"),
            accept_multiple_files="directory" if folder else True,
            key=key,
            max_upload_size=limits.max_bytes // 1_000_000,
            on_change=take_files,
            args=(key, visitor),
            width="stretch",
        )
        st.caption(
            t(
                "PNG, JPEG, WebP, TIFF, BMP, GIF or AVIF, up to {megabytes} MB and {megapixels} megapixels each. "
                "They stay on the computer that runs Segmethods.",
                megabytes=f"{limits.max_bytes / 1e6:g}",
                megapixels=f"{limits.max_pixels / 1e6:g}",
            )
        )
    if visitor.set_problem is not None:
        st.warning(escape_markdown(translate(visitor.set_problem)))


def take_files(key: str, visitor: Session) -> None:
    """Callback: what was given joins the set."""
    files = [make_upload(file) for file in st.session_state[key] or []]
    if not files:
        return
    add_images(files, visitor)


def draw_facts(found: ImageSet) -> None:
    """What the set is, and the way to begin anew."""
    with st.container(key="pictures-facts", horizontal=True, vertical_alignment="center"):
        name, count = escape_markdown(found.name), len(found.images)
        told = [t("**{name}**: {count:picture|pictures}", name=name, count=count)]
        told.append(t("{count} with truth", count=found.judged) if found.judged else t("no truth yet"))
        told += [escape_markdown(translate(line)) for line in found.describe()]
        st.markdown(" · ".join(told), width="stretch")
        st.button(t("Other pictures"), key="pictures.clear", icon=":material/close:", on_click=clear_set)
    draw_skipped(found.skipped, found.describe())
    if found.problem is not None and not found.judged and has_masks(found):
        st.info(escape_markdown(translate(found.problem)))


def has_masks(found: ImageSet) -> bool:
    """Whether files look as if some were masks, so that it matters why none is taken for one."""
    return any("mask" in str(file.relative_to(found.folder)).lower() for file in found.folder.rglob("*"))


def clear_set() -> None:
    """Callback: forget the set."""
    take_images([], session())


main()
