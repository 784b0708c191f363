"""The pages there are, and the way to each of them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cache

import streamlit as st

from pages.state.navigation import address_of
from pages.state.session import Session, session
from pages.ui.language import translate
from segmethods.core.messages import Message


@dataclass(frozen=True)
class PageSpec:
    """A page and where it is found.

    Parameters
    ----------
    address : str
        What follows the dashboard's address: ``"models"`` for ``/models``. One word; "-" may be in it, "/" may not.
    title : Message
        What the menu and the browser's tab call it.
    file : str
        The page, from the folder of app.py.
    within : str
        The address of the page that it belongs to. The menu shows it only there and on the pages beside it.
    """

    address: str
    title: Message
    file: str
    within: str = ""


PAGES = (
    PageSpec("compare", Message("Compare"), "pages/compare/page.py"),
    PageSpec("pictures", Message("My pictures"), "pages/pictures/page.py"),
    PageSpec("benchmark", Message("Benchmark"), "pages/benchmark/page.py"),
    PageSpec("clips", Message("Clips"), "pages/clips/page.py"),
    PageSpec("jobs", Message("Jobs"), "pages/jobs/page.py"),
    PageSpec("bottles", Message("Bottle filling"), "pages/jobs/each/bottles.py", within="jobs"),
    PageSpec("defects", Message("Defects"), "pages/jobs/each/defects.py", within="jobs"),
    PageSpec("medical", Message("Cells and organs"), "pages/jobs/each/medical.py", within="jobs"),
    PageSpec("driving", Message("Drivable area"), "pages/jobs/each/driving.py", within="jobs"),
    PageSpec("satellite", Message("Land cover"), "pages/jobs/each/satellite.py", within="jobs"),
    PageSpec("shelf", Message("Shelf gaps"), "pages/jobs/each/shelf.py", within="jobs"),
    PageSpec("search", Message("Find what looks like this"), "pages/jobs/each/search.py", within="jobs"),
    PageSpec("surveillance", Message("Moving things"), "pages/jobs/each/surveillance.py", within="jobs"),
    PageSpec("faces", Message("Faces"), "pages/jobs/each/faces.py", within="jobs"),
    PageSpec("iris", Message("Iris"), "pages/jobs/each/iris.py", within="jobs"),
    PageSpec("plates", Message("Number plates"), "pages/jobs/each/plates.py", within="jobs"),
    PageSpec("models", Message("Models"), "pages/models/page.py"),
    PageSpec("learn", Message("Learn"), "pages/learn/page.py"),
    PageSpec("segmentation", Message("What segmentation is"), "pages/learn/lessons/segmentation.py", within="learn"),
    PageSpec("threshold", Message("Threshold"), "pages/learn/lessons/threshold.py", within="learn"),
    PageSpec("histogram", Message("Histogram"), "pages/learn/lessons/histogram.py", within="learn"),
    PageSpec("kmeans", Message("K-means"), "pages/learn/lessons/kmeans.py", within="learn"),
    PageSpec("edges", Message("Edges"), "pages/learn/lessons/edges.py", within="learn"),
    PageSpec("patch_cnn", Message("Patch-CNN"), "pages/learn/lessons/patch_cnn.py", within="learn"),
    PageSpec("fcn", Message("FCN"), "pages/learn/lessons/fcn.py", within="learn"),
    PageSpec("segnet", Message("SegNet"), "pages/learn/lessons/segnet.py", within="learn"),
    PageSpec("deeplab", Message("DeepLab"), "pages/learn/lessons/deeplab.py", within="learn"),
    PageSpec("ensemble", Message("Ensemble"), "pages/learn/lessons/ensemble.py", within="learn"),
    PageSpec("metric", Message("Break the metric"), "pages/learn/lessons/metric.py", within="learn"),
    PageSpec("robustness", Message("Break the method"), "pages/learn/lessons/robustness.py", within="learn"),
    PageSpec("quiz", Message("Predict, then reveal"), "pages/learn/lessons/quiz.py", within="learn"),
    PageSpec("exercise", Message("A teacher’s own exercise"), "pages/learn/lessons/exercise.py", within="learn"),
    PageSpec("glossary", Message("Words"), "pages/learn/glossary.py", within="learn"),
)
"""All pages, in the menu's order; the first one is shown to who asks for none. A new page is one line here."""


def pages_within(address: str) -> tuple[PageSpec, ...]:
    """The pages that belong to another one, such as those of the jobs to ``"jobs"``."""
    return tuple(spec for spec in PAGES if spec.within == address)


def list_lessons() -> tuple[PageSpec, ...]:
    """The lessons, in their order."""
    return tuple(spec for spec in pages_within("learn") if "/lessons/" in spec.file)


def find_page() -> tuple[PageSpec, st.Page]:
    """The page that the visitor asked for, and what runs it."""
    first = st.Page(PAGES[0].file, title=PAGES[0].title.template, url_path="first", default=True)
    page = st.navigation([*map(_page, PAGES), first], position="hidden")
    return next((spec for spec in PAGES if spec.address == page.url_path), PAGES[0]), page


# On a narrow screen the menu lies over the page: whoever has chosen a page or given a file wants to see it.
_FOLD = """
const press = () => {
  const isOpen = document.querySelector('[data-testid="stSidebar"]')?.dataset.collapsed === 'false';
  if (!isOpen) return;
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  const title = document.querySelector('[data-testid="stMain"] h1');
  if (title) title.tabIndex = -1;
  title?.focus({ preventScroll: true });
};
const fold = event => {
  const sidebar = document.querySelector('[data-testid="stSidebar"]');
  const page = document.querySelector('[data-testid="stMain"]');
  const chosen = '.st-key-menu a, [data-testid="stSidebar"] input[type="file"]';
  if (!sidebar || !page || !event.target.closest?.(chosen)) return;
  if (event.type === 'click' && event.target.matches('input')) return;
  if (page.getBoundingClientRect().left < sidebar.getBoundingClientRect().right) press();
};

let isFirst = true;

export default function () {
  // A phone on its side has no room for the menu either, though it is wide.
  if (isFirst && matchMedia('(max-height: 30rem)').matches) press();
  isFirst = false;
  document.addEventListener('click', fold);
  document.addEventListener('change', fold);
}
"""

_fold = st.components.v2.component("fold", js=_FOLD)


def draw_menu(current: PageSpec, visitor: Session) -> None:
    """Links to all pages; a page that was left is found again as it was."""
    with st.container(key="menu", gap=None):
        _fold(key="fold")
        for spec in PAGES:
            if spec.within in ("", current.within or current.address):
                with st.container(key=f"menu.{spec.within or 'top'}.{spec.address}"):
                    query = address_of(spec.address, visitor)
                    st.page_link(_page(spec), label=translate(spec.title), query_params=query, width="stretch")


def page_link(spec: PageSpec) -> None:
    """A link to a page as it was left."""
    query = address_of(spec.address, session())
    st.page_link(_page(spec), label=translate(spec.title), query_params=query)


def _page(spec: PageSpec) -> st.Page:
    return copy(_look_up(spec.file, spec.title.template, spec.address))  # a run marks the page that it may call


@cache
def _look_up(file: str, title: str, address: str) -> st.Page:
    """Streamlit asks the disk about every page, thirty times a run."""
    return st.Page(file, title=title, url_path=address)
