"""All jobs, each with an image of its own."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.jobs.work import Asked, thumbnail
from pages.state.session import session
from pages.ui.language import escape_markdown, t, translate
from pages.ui.menu import PageSpec, page_link, pages_within
from pages.ui.notices import draw_notices
from segmethods.jobs import get_job

STYLE = (Path(__file__).parent / "jobs.css").read_text(encoding="utf-8")


def main() -> None:
    st.html(f"<style>{STYLE}</style>")
    draw_notices(session())
    st.title(t("Jobs"), anchor=False)
    st.markdown(t("IoU is a means. Here methods are judged by the figure that an application cares about."))
    with st.container(key="jobs"):
        for place in pages_within("jobs"):
            _draw_card(place)


def _draw_card(place: PageSpec) -> None:
    job = get_job(place.address)
    with st.container(key=f"job-{job.id}", gap="xsmall"):
        st.html(f'<img class="sm-job" alt="" src="{_image(job.id)}">')
        page_link(place)
        st.caption(escape_markdown(translate(job.tasks[0].main_figure.title)))


@st.cache_data(max_entries=16, show_spinner=False)
def _image(job_id: str) -> str:
    job = get_job(job_id)
    assert job.generate is not None  # every job draws images
    knobs = tuple(sorted((knob.id, knob.default) for knob in job.knobs))
    task = next(iter(job.generate(1, 0, dict(knobs))))
    return thumbnail(Asked(job_id, task, 1, 0, knobs))


main()
