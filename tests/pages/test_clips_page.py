"""Clips: any method runs over one, frame by frame, and what flickers is shown."""

import re

import pytest

from pages.clips.work import ClipRun, Source, film_pair, poster_of
from segmethods.core.messages import Message
from segmethods.execution.over_time import measure_flicker, name_alike, smooth_over_time
from segmethods.io.video import open_clip
from tests.io.clips import gif
from tests.pages.test_jobs_pages import CHINESE, visit


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_explains_why_single_frames_flicker(language: str) -> None:
    page = visit("pages/clips/page.py", language)
    headers = [e.value for e in page.main.header]
    assert len(headers) == 2
    assert all(bool(CHINESE.search(text)) == (language == "zh") for text in headers)
    assert page.main.button


def test_a_method_runs_over_a_clip_and_its_film_plays() -> None:
    run = ClipRun(Source("a.gif", gif()), "threshold")
    run.start()
    assert run.job is not None
    assert run.job.wait(120)
    assert run.job.problem is None
    assert len(run.labels) == run.count == 5
    assert run.classes is not None
    raw = name_alike(run.labels, run.classes)
    assert min(measure_flicker(raw)) > 0
    smooth = smooth_over_time(raw, 1)
    film = open_clip(film_pair(run.source, raw, smooth, run.classes), "film.webm")
    assert (film.count, film.size) == (5, (100, 32))
    assert re.match("data:image/jpeg", poster_of(run.source, raw, smooth, run.classes))


def test_a_damaged_clip_is_one_line() -> None:
    run = ClipRun(Source("a.gif", gif()[:60]), "threshold")
    run.start()
    assert run.job is not None
    assert run.job.wait(60)
    assert isinstance(run.job.problem, Message)
    assert "a.gif" in str(run.job.problem)
