"""The registry: a signature becomes a form, and nothing that a form can't say gets in."""

import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.registry import DynamicChoices, Method, Parameter, Several, unregister
from segmethods.core.types import Image

BLACK = np.zeros((4, 6, 3), np.uint8)


@pytest.fixture
def halves() -> Iterator[Method]:
    """A method that is defined while the program runs."""

    @sm.method("halves", title="Halves", family="classical", source="nobody")
    def halves(
        image: Image,
        *,
        share: Annotated[float, sm.Range(0, 1, 0.1), sm.About("Share", "How far the left part goes.")] = 0.5,
        count: Annotated[int, sm.Range(1, 9)] = 2,
        side: Literal["left", "right"] = "left",
        sides: tuple[Literal["up", "down"], ...] = ("up",),
        flip: bool = False,
    ) -> sm.Segmentation:
        """Cuts the picture
        in two.

        More than anybody wants to know.
        """
        with sm.stage("infer"):
            labels = np.zeros(image.shape[:2], np.uint8)
            labels[:, int(share * image.shape[1]) :] = 1
        return sm.Segmentation(labels, sm.BINARY)

    yield sm.get_method("halves")
    unregister("halves")


def test_a_method_defined_at_run_time_is_one_like_the_others(halves: Method) -> None:
    assert halves in sm.list_methods()
    outcomes = sm.compare(BLACK, ["halves", "kmeans"], {"halves": {"share": 0.25}})
    first, second = outcomes
    assert isinstance(first, sm.Segmentation)
    assert first.labels[0].tolist() == [0, 1, 1, 1, 1, 1]
    assert first.method == "halves"
    assert first.params == {"share": 0.25, "count": 2, "side": "left", "sides": ("up",), "flip": False}
    assert first.timings.infer > 0 == first.timings.prepare
    assert second.method == "kmeans"
    assert isinstance(sm.segment(BLACK, "halves"), sm.Segmentation)


def test_the_time_of_a_method_without_stages_is_that_of_all_of_it() -> None:
    @sm.method("plain", title="Plain", family="classical", source="nobody")
    def plain(image: Image) -> sm.Segmentation:
        """Does nothing for a while."""
        time.sleep(0.02)
        return sm.Segmentation(np.zeros(image.shape[:2], np.uint8), sm.BINARY)

    try:
        result = sm.segment(BLACK, "plain")
    finally:
        unregister("plain")
    assert isinstance(result, sm.Segmentation)
    assert result.timings.infer >= 0.02
    assert result.timings.total == result.timings.infer


@pytest.mark.parametrize("ident", [3, None, ["kmeans"]])
def test_what_is_no_id_is_refused_in_a_line(ident: Any) -> None:
    with pytest.raises(sm.ParameterError, match="called by its id"):
        sm.segment(BLACK, ident)


def test_families_come_in_order(halves: Method) -> None:
    families = [m.family for m in sm.list_methods()]
    assert families == sorted(families, key=["classical", "network", "ensemble"].index)
    assert [m.id for m in sm.list_methods()][:4] == ["threshold", "kmeans", "histogram", "edges"]


def test_the_signature_is_the_form(halves: Method) -> None:
    assert [(p.name, p.kind, p.default, p.options) for p in halves.parameters] == [
        ("share", "float", 0.5, ()),
        ("count", "int", 2, ()),
        ("side", "choice", "left", ("left", "right")),
        ("sides", "choices", ("up",), ("up", "down")),
        ("flip", "bool", False, ()),
    ]
    share, count = halves.parameters[:2]
    assert share.range == sm.Range(0, 1, 0.1)
    assert (share.about.label, count.about.label) == ("Share", "Count")
    assert halves.summary == "Cuts the picture in two."


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"share": 1}, {"share": 1.0}),
        ({"share": 0}, {"share": 0.0}),
        ({"count": 9.0}, {"count": 9}),
        ({"sides": ["down", "up", "down"]}, {"sides": ("up", "down")}),
        ({"side": "right", "flip": True}, {"side": "right", "flip": True}),
    ],
)
def test_values_become_the_parameters_own_type(
    halves: Method, params: dict[str, Any], expected: dict[str, Any]
) -> None:
    checked = halves.validate(params)
    assert {name: checked[name] for name in expected} == expected
    assert [type(checked[name]) for name in expected] == [type(value) for value in expected.values()]


@pytest.mark.parametrize(
    ("params", "advice"),
    [
        ({"share": 1.01}, "share must lie between 0 and 1; it is 1.01."),
        ({"count": 0}, "count must lie between 1 and 9; it is 0."),
        ({"count": 2.5}, "count must be a whole number, not 2.5."),
        ({"share": "0.5"}, "share must be a number, not '0.5'."),
        ({"share": True}, "share must be a number, not True."),
        ({"share": float("nan")}, "share must be a number, not nan."),
        ({"share": float("inf")}, "share must be a number, not inf."),
        ({"share": None}, "share must be a number, not None."),
        ({"side": "middle"}, "side can't be 'middle'. Choose from left, right."),
        ({"side": ["left"]}, "side can't be ['left']. Choose from left, right."),
        ({"sides": []}, "sides can't be []. Choose from up, down."),
        ({"sides": ["up", 3]}, "sides can't be ['up', 3]. Choose from up, down."),
        ({"sides": [["up"]]}, "sides can't be [['up']]. Choose from up, down."),
        ({"sides": "up"}, "sides can't be 'up'. Choose from up, down."),
        (
            {"side": np.array(["left", "up"])},
            "side can't be array(['left', 'up'], dtype='<U4'). Choose from left, right.",
        ),
        ({"sides": [np.zeros(2)]}, "sides can't be [array([0., 0.])]. Choose from up, down."),
        ({"flip": 1}, "flip can't be 1. Choose from true, false."),
        ({"shre": 0.5}, "halves has no parameter shre. It has share."),
        (5, "The parameters of halves are given by their names, not as 5."),
        ({"zzz": 0.5}, "halves has no parameter zzz. It has share, count, side, sides, flip."),
    ],
)
def test_bad_values_say_what_is_allowed(halves: Method, params: Any, advice: str) -> None:
    with pytest.raises(sm.ParameterError) as caught:
        halves.validate(params)
    assert str(caught.value) == advice


@pytest.mark.parametrize(
    ("methods", "params", "advice"),
    [
        (5, None, 'Methods are given as a list, such as ["kmeans", "fcn"], not as 5.'),
        (
            ["kmeans"],
            "k=5",
            """Parameters of methods are given by their names, such as {"kmeans": {"k": 5}}, not as 'k=5'.""",
        ),
        (["kmeans"], {"kmeans": 5}, "The parameters of kmeans are given by their names, not as 5."),
    ],
)
def test_a_comparison_of_what_is_no_list_is_one_line(methods: Any, params: Any, advice: str) -> None:
    with pytest.raises(sm.ParameterError) as caught:
        sm.compare(np.zeros((4, 4, 3), np.uint8), methods, params)
    assert str(caught.value) == advice


def test_an_unknown_method_names_the_near_one(halves: Method) -> None:
    with pytest.raises(sm.ParameterError, match=r"There is no method halvs\. Choose from halves\."):
        sm.get_method("halvs")
    with pytest.raises(sm.ParameterError, match=r"Choose from threshold, kmeans, .*halves"):
        sm.get_method("zzzz")


def test_nothing_runs_if_anything_is_wrong(halves: Method) -> None:
    for methods, params in ((["halves", "halvs"], {}), (["halves"], {"halvs": {}}), (["halves"], {"halves": {"s": 1}})):
        with pytest.raises(sm.ParameterError):
            sm.compare(BLACK, methods, params)


def test_a_taken_id_is_refused(halves: Method) -> None:
    def other(image: Image) -> sm.Segmentation:
        raise NotImplementedError

    other.__module__ = "elsewhere"
    with pytest.raises(ValueError, match="'halves' is taken by"):
        sm.method("halves", title="", family="classical", source="")(other)
    assert sm.get_method("halves") is halves


def no_default(image: Image, *, k: Annotated[int, sm.Range(1, 2)]) -> sm.Segmentation:
    raise NotImplementedError


def positional(image: Image, k: Annotated[int, sm.Range(1, 2)] = 1) -> sm.Segmentation:
    raise NotImplementedError


def without_range(image: Image, *, k: int = 1) -> sm.Segmentation:
    raise NotImplementedError


def free_text(image: Image, *, k: str = "a") -> sm.Segmentation:
    raise NotImplementedError


@pytest.mark.parametrize("function", [no_default, positional, without_range, free_text])
def test_a_signature_that_is_no_form_is_refused(function: Any) -> None:
    with pytest.raises(ValueError, match="parameter 'k'"):
        sm.method("bad", title="", family="classical", source="")(function)
    assert "bad" not in {m.id for m in sm.list_methods()}


def test_stages_add_up_and_stand_apart() -> None:
    @sm.method("staged", title="", family="classical", source="")
    def staged(image: Image) -> sm.Segmentation:
        """Does nothing, twice."""
        for _ in range(2):
            with sm.stage("prepare"):
                sm.segment(image, "kmeans")
        return sm.Segmentation(np.zeros(image.shape[:2], np.uint8), sm.BINARY)

    try:
        timings = sm.segment(BLACK, "staged").timings
    finally:
        unregister("staged")
    assert timings.prepare > 0 == timings.infer == timings.finish
    assert timings.total == timings.prepare
    assert timings.as_dict().keys() == {"prepare", "infer", "finish", "total"}


@pytest.mark.parametrize(
    "image", [BLACK[..., 0], BLACK.astype(float), BLACK[:0], np.zeros((4, 6, 4), np.uint8), BLACK.tolist()]
)
def test_what_is_no_image_is_refused(image: Any) -> None:
    with pytest.raises(sm.ImageError):
        sm.segment(image, "kmeans")
    with pytest.raises(sm.ImageError):
        sm.compare(image, ["kmeans"])


def test_an_error_inside_a_method_is_its_own_failure() -> None:
    @sm.method("broken", title="", family="classical", source="")
    def broken(image: Image) -> sm.Segmentation:
        """Divides by zero."""
        return sm.Segmentation(np.zeros(image.shape[:2], np.uint8) // (1 // 0), sm.BINARY)

    try:
        first, second = sm.compare(BLACK, ["broken", "kmeans"])
    finally:
        unregister("broken")
    assert isinstance(first, sm.Failure)
    assert "ZeroDivisionError" in str(first.message)
    assert "1 // 0" in first.detail
    assert isinstance(second, sm.Segmentation)


def test_labels_of_another_size_are_a_failure() -> None:
    @sm.method("small", title="", family="classical", source="")
    def small(image: Image) -> sm.Segmentation:
        """Answers for another picture."""
        return sm.Segmentation(np.zeros((1, 1), np.uint8), sm.BINARY)

    try:
        (outcome,) = sm.compare(BLACK, ["small"])
    finally:
        unregister("small")
    assert isinstance(outcome, sm.Failure)
    assert "of the image's size" in str(outcome.message)


def test_values_of_numpy_are_values() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image[:2] = 255
    assert sm.segment(image, "kmeans", k=np.int64(2)).params["k"] == 2
    assert sm.segment(image, "threshold", invert=np.True_).params["invert"] is True


def test_compare_takes_one_name_and_refuses_the_same_twice() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    assert [o.method for o in sm.compare(image, "kmeans")] == ["kmeans"]
    with pytest.raises(sm.ParameterError, match="twice"):
        sm.compare(image, ["kmeans", "kmeans"])
    with pytest.raises(sm.ParameterError, match="between 2 and 12"):
        sm.compare(image, ["threshold"], {"kmeans": {"k": 99}})


def test_choices_that_come_and_go() -> None:
    there = ["a", "b"]

    @sm.method("changing", title="Changing", family="classical", source="nobody")
    def changing(
        image: Image,
        *,
        one: Annotated[str, DynamicChoices(lambda: there)] = "a",
        some: Annotated[tuple[str, ...], DynamicChoices(lambda: there)] = ("a",),
    ) -> sm.Segmentation:
        return sm.Segmentation(image[..., 0], sm.BINARY)

    known = sm.get_method("changing")
    unregister("changing")
    with pytest.raises(sm.ParameterError, match="Choose from a, b"):
        known.validate({"one": "c"})
    there.append("c")
    assert known.validate({"one": "c", "some": ["c", "a"]}) == {"one": "c", "some": ("a", "c")}
    assert [p.options for p in known.parameters] == [("a", "b", "c")] * 2


def test_parameters_that_a_signature_cannot_list_stand_where_they_are_put() -> None:
    others = tuple(Parameter(f"weight_{n}", "float", 1.0, sm.About(str(n)), range=sm.Range(0, 3, 0.1)) for n in "ab")

    @sm.method("open", title="Open", family="classical", source="nobody")
    def opened(
        image: Image,
        *,
        first: bool = True,
        last: bool = False,
        **weights: Annotated[float, Several(others, before="last")],
    ) -> sm.Segmentation:
        return sm.Segmentation(np.full(image.shape[:2], int(sum(weights.values())), np.uint8), sm.segments(9))

    known = sm.get_method("open")
    try:
        assert [p.name for p in known.parameters] == ["first", "weight_a", "weight_b", "last"]
        assert sm.segment(BLACK, "open", weight_b=3).labels.max() == 4
        with pytest.raises(sm.ParameterError, match=r"has no parameter weight_c\. It has"):
            known.validate({"weight_c": 1.0})
    finally:
        unregister("open")


def test_other_open_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="'rest' need"):

        @sm.method("vague", title="Vague", family="classical", source="nobody")
        def vague(image: Image, **rest: float) -> sm.Segmentation:
            return sm.Segmentation(image[..., 0], sm.BINARY)
