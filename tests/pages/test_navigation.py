"""Which addresses a session follows: links and steps back, and never a click that comes late."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.state import navigation
from pages.state.images import Upload
from pages.state.session import Session
from pages.ui.menu import list_lessons


def script() -> None:
    """What app.py and a page do, without drawing anything."""
    import streamlit as st

    from pages.state.fields import benchmark_fields, compare_fields
    from pages.state.navigation import follow_address, keep_address, publish_address, take_address
    from pages.state.session import session

    page = st.session_state["page"]
    follow_address(page)
    if page not in ("compare", "benchmark"):
        import importlib

        from pages.learn.address import lesson_fields, suggest_sample

        lesson = importlib.import_module(f"pages.learn.lessons.{page}").LESSON
        suggest_sample(lesson, st.query_params, session())
        take_address(lesson_fields(lesson))
        publish_address(lesson_fields(lesson))
        keep_address()
        return
    fields = compare_fields() if page == "compare" else benchmark_fields(is_run="run" in session().visit.arrived)
    take_address(fields)
    fields = compare_fields() if page == "compare" else benchmark_fields(is_run=bool(session().benchmark.run))
    publish_address(fields)
    keep_address()


def visit(app: AppTest, page: str, query: dict[str, str] | None = None) -> Session:
    """Run the page; with a query, as if the browser sent that address with its request."""
    app.session_state["page"] = page
    if query is not None:
        app.query_params.clear()
        for name, value in query.items():
            app.query_params[name] = value
    app.run()
    assert not app.exception
    session: Session = app.session_state["session"]
    return session


def query_of(app: AppTest) -> dict[str, str]:
    return {name: v if isinstance(v, str) else v[0] for name, v in app.query_params.items()}


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(script)
    app.context["locale"] = "en-US"
    return app


def test_a_late_click_with_an_earlier_address_undoes_nothing(app: AppTest) -> None:
    visit(app, "compare", {"picture": "coins", "methods": "kmeans", "view": "labels"})
    earlier = query_of(app)
    session = visit(app, "compare")
    session.compare.view = "boundaries"
    visit(app, "compare")
    assert query_of(app)["view"] == "boundaries"
    assert visit(app, "compare", earlier).compare.view == "boundaries"


def test_a_step_back_restores_all_of_an_address(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    visit(app, "compare", {"picture": "coins", "methods": "kmeans", "view": "labels"})
    earlier = query_of(app)
    session = app.session_state["session"]
    session.params, session.compare.opacity, session.truth = {"kmeans": {"k": 7}}, 10, "none"
    visit(app, "compare")
    assert query_of(app)["kmeans.k"] == "7"
    monkeypatch.setattr(navigation, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=True))
    session = visit(app, "compare", earlier)
    assert (session.params, session.compare.opacity, session.truth) == ({}, 60, "own")


def test_a_menu_link_to_a_page_that_was_left_undoes_no_choice_made_since(app: AppTest) -> None:
    visit(app, "benchmark", {"data": "shapes:noise=0.2", "methods": "kmeans,threshold"})
    session = visit(app, "compare", {})
    session.methods, session.language = ("histogram",), "zh"
    visit(app, "compare")
    link = navigation.address_of("benchmark", session)
    assert link["methods"] == "threshold,kmeans"
    session = visit(app, "benchmark", link)
    assert (session.methods, session.language) == (("histogram",), "zh")
    assert query_of(app)["methods"] == "histogram"


def test_the_open_page_is_linked_as_it_was_asked_for_before_it_has_taken_its_address() -> None:
    session = Session(sample="cat")
    session.visit.page, session.visit.arrived = "compare", {"picture": "coins", "methods": "fcn"}
    assert navigation.address_of("compare", session) == {"picture": "coins", "methods": "fcn"}


def test_an_open_run_is_the_whole_address_of_the_benchmark(app: AppTest) -> None:
    session = visit(app, "benchmark", {"run": "abcdefghijklmnop", "methods": "kmeans"})
    assert session.benchmark.run == "abcdefghijklmnop"
    assert query_of(app) == {"run": "abcdefghijklmnop"}
    session.benchmark.run = ""
    visit(app, "benchmark")
    assert query_of(app)["data"] == "samples"


@pytest.mark.parametrize(
    ("locale", "link", "language", "said"),
    [
        ("zh-CN", {}, "zh", None),
        ("zh-CN", {"lang": "zh"}, "zh", None),
        ("zh-CN", {"lang": "en"}, "en", "en"),
        ("en-US", {"lang": "zh"}, "zh", "zh"),
        ("de-DE", {}, "en", None),
    ],
)
def test_an_address_says_the_language_only_where_it_was_chosen(
    app: AppTest, locale: str, link: dict[str, str], language: str, said: str | None
) -> None:
    app.context["locale"] = locale
    session = visit(app, "compare", link)
    assert session.language == language
    assert query_of(app).get("lang") == said
    assert navigation.address_of("benchmark", session).get("lang") == said


def test_a_step_back_to_an_address_without_a_language_is_the_browsers(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = visit(app, "compare", {})
    earlier = query_of(app)
    session.language = "zh"
    visit(app, "compare")
    assert query_of(app)["lang"] == "zh"
    monkeypatch.setattr(navigation, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=True))
    assert visit(app, "compare", earlier).language == "en"
    assert "lang" not in query_of(app)


def test_a_photo_of_ones_own_goes_along_to_every_page_seen_before_or_not(app: AppTest) -> None:
    lessons = [spec.address for spec in list_lessons()]
    session = visit(app, "compare", {})
    for page in (*lessons[::2], "benchmark"):  # seen with a sample
        visit(app, page, navigation.address_of(page, session))
    visit(app, "compare", navigation.address_of("compare", session))
    image = Upload("mine.png", b"", "0" * 64)
    session.source, session.uploads, session.shown = "files", (image,), image.digest
    visit(app, "compare")
    for page in (*lessons, "benchmark", "compare", *lessons[:2]):
        visit(app, page, navigation.address_of(page, session))
        assert session.has_own_image, page
        assert query_of(app).get("picture", "own") == "own", page
    visit(app, "kmeans", {})  # a link within the page, which says nothing
    assert session.has_own_image
