"""The address: what is written is read back, and nonsense changes nothing and raises nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.state import address
from pages.state.fields import compare_fields
from pages.state.images import Upload
from pages.state.parameters import set_parameter
from pages.state.session import ALIGNMENTS, CHARTS, LANGUAGES, VIEWS, CompareState, Session
from segmethods.core.registry import Method, Parameter
from segmethods.io.samples import list_samples
from segmethods.methods import list_methods

SAMPLES = ("cat", *(sample.id for sample in list_samples()))


def open_address(query: dict[str, str]) -> Session:
    session = Session(sample="cat", methods=("threshold",))
    address.read_address((address.LANGUAGE, *compare_fields()), query, session)
    return session


def write_address(session: Session) -> dict[str, str]:
    return address.write_address(compare_fields(), session)


def another_value(parameter: Parameter) -> object:
    """A value that the parameter allows and that is not its default."""
    match parameter.kind:
        case "int" | "float":
            assert parameter.range is not None
            value = parameter.range.low if parameter.default != parameter.range.low else parameter.range.high
            return parameter.check(value)
        case "bool":
            return not parameter.default
        case "choices":
            others = [o for o in parameter.options if (o,) != parameter.default]
            return parameter.check(others[:1])
        case _:
            return next((o for o in parameter.options if o != parameter.default), parameter.default)


@pytest.mark.parametrize("method", list_methods(), ids=lambda m: m.id)
def test_every_parameter_survives_the_address(method: Method) -> None:
    session = Session(sample="coins", methods=(method.id,), language="zh")
    session.compare = CompareState(view="errors")
    for parameter in method.parameters:
        set_parameter(session, method, parameter.name, another_value(parameter))
    again = open_address(write_address(session))
    assert again.params == session.params
    assert (again.sample, again.methods, again.compare.view, again.language) == ("coins", (method.id,), "errors", "zh")
    assert again.notes == []


def test_only_what_differs_from_the_default_is_written() -> None:
    session = Session(sample="cat", methods=("threshold",))
    assert write_address(session) == {"picture": "cat", "methods": "threshold", "view": "overlay"}


def test_no_method_at_all_is_a_choice_too() -> None:
    assert open_address(write_address(Session(sample="cat", methods=()))).methods == ()


def test_a_picture_of_ones_own_leaves_no_sample_in_the_address() -> None:
    image = Upload("photo.png", b"", "1")
    session = Session(source="files", uploads=(image,), sample="cat", methods=("threshold",))
    query = write_address(session)
    assert query["picture"] == "own"
    opened = open_address(query)
    assert (opened.source, opened.sample) == ("samples", "cat")
    assert len(opened.notes) == 1
    session.unreadable.add(image.digest)
    assert write_address(session)["picture"] == "cat"


@pytest.mark.parametrize(
    "query",
    [
        {"picture": "unicorn"},
        {"view": "x-ray"},
        {"lang": "tlh"},
        {"alignment": "stars"},
        {"truth": "maybe"},
        {"opacity": "101"},
        {"opacity": "²"},
        {"threshold.level": "1e999"},
        {"threshold.level": "nan"},
        {"threshold.level": "12.5"},
        {"threshold.invert": "perhaps"},
        {"threshold.algorithm": ""},
        {"threshold.nosuch": "1"},
        {"nosuch.level": "1"},
        {".": "."},
    ],
    ids=lambda q: "&".join(f"{k}={v}" for k, v in q.items()),
)
def test_nonsense_is_left_out_with_one_note(query: dict[str, str]) -> None:
    opened = open_address(query)
    assert len(opened.notes) == 1
    opened.notes.clear()
    assert opened == open_address({})


def test_unknown_methods_are_named_and_the_others_run() -> None:
    opened = open_address({"methods": "warp,threshold"})
    assert opened.methods == ("threshold",)
    assert [str(note) for note in opened.notes] == ["There is no method called warp."]


KEYS = (
    st.sampled_from(["picture", "methods", "view", "truth", "alignment", "opacity", "chart", "lang", "threshold.level"])
    | st.text()
)


@given(st.dictionaries(KEYS, st.text()))
def test_no_address_breaks_the_page(query: dict[str, str]) -> None:
    opened = open_address(query)
    assert opened.sample in SAMPLES
    assert opened.compare.view in VIEWS
    assert opened.language in LANGUAGES
    assert opened.compare.alignment in ALIGNMENTS
    assert opened.compare.chart in ("", *CHARTS)
    for method_id, params in opened.params.items():
        next(m for m in list_methods() if m.id == method_id).validate(params)
    write_address(opened)
