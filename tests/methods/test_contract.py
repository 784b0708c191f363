"""What every method promises, whoever wrote it: parametrised over the registry, so a new method inherits it all.

An outcome is a `Segmentation` that keeps its promises or a `Failure` with one line for the user; an exception that
nobody foresaw is neither (it would leave its traceback in `Failure.detail`).
"""

import io
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import segmethods as sm
from segmethods.core.registry import Method, Parameter
from segmethods.core.types import Image, Instances, Outcome, Trace
from segmethods.execution.compare import try_segment
from segmethods.models.weights import fetchable

METHODS = sm.list_methods()
FETCHED = {
    weights.variant for weights in fetchable().values()
}  # choices that download; tests of the weights look after them

each_method = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.id)


@pytest.mark.parametrize(
    ("method", "parameter"),
    [(m.id, p) for m in METHODS for p in m.parameters if p.range],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_defaults_can_be_set_again_on_their_slider(method: str, parameter: Parameter) -> None:
    assert parameter.range is not None
    steps = (parameter.default - parameter.range.low) / parameter.range.step
    assert abs(steps - round(steps)) < 1e-6


def make_image(height: int = 40, width: int = 56) -> Image:
    """A bright disc and a coloured block on a shaded ground, with noise: something for every method to find."""
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([40 + rows, 60 + columns // 2, np.full_like(rows, 80)], axis=2)
    image[(rows - height / 2) ** 2 + (columns - width / 3) ** 2 < (height / 4) ** 2] = (230, 210, 190)
    image[height // 4 : height // 2, -width // 4 :] = (200, 30, 40)
    noise = np.random.default_rng(7).integers(-6, 7, image.shape)
    return (image + noise).clip(0, 255).astype(np.uint8)


def through_file(pixels: np.ndarray) -> Image:
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG")
    return sm.load_image(file.getvalue())


def make_transparent() -> Image:
    image = make_image()
    return through_file(np.dstack([image, np.tile(np.linspace(0, 255, image.shape[1], dtype=np.uint8), (40, 1))]))


IMAGES = {
    "photo": make_image(),
    "odd size": make_image(37, 53),
    "tall": make_image(96, 9),
    "1x1": make_image(1, 1),
    "1x7": make_image(1, 7),
    "7x1": make_image(7, 1),
    "2x2": make_image(2, 2),
    "black": np.zeros((12, 16, 3), np.uint8),
    "white": np.full((12, 16, 3), 255, np.uint8),
    "constant colour": np.full((12, 16, 3), (10, 200, 90), np.uint8),
    "two colours": np.where(np.arange(16)[None, :, None] < 8, 99, 100).astype(np.uint8).repeat(12, 0).repeat(3, 2),
    "with alpha": make_transparent(),
    "16 bit": through_file(make_image()[..., 0].astype(np.uint16) * 257),
}


def base_params(method: Method) -> dict[str, Any]:
    """Networks at their smallest working size, everything else at its default."""
    sizes = [p for p in method.parameters if p.name == "size" and method.family != "classical"]
    return {p.name: min((o for o in p.options if o.isdigit()), key=int) for p in sizes}


def assert_promises(outcome: Outcome, image: Image, method: Method, params: Mapping[str, Any]) -> None:
    if isinstance(outcome, sm.Failure):
        assert not outcome.detail, outcome.detail
        assert str(outcome.message).strip()
        assert "\n" not in str(outcome.message)
        assert str(outcome.message).endswith(".")
        return
    labels = outcome.labels
    assert labels.shape == image.shape[:2]
    assert labels.dtype in (np.uint8, np.uint16)
    assert labels.max() < len(outcome.classes)
    assert sum(outcome.shares().values()) == pytest.approx(1)
    assert outcome.method == method.id
    assert outcome.params == method.validate(params)
    timings = outcome.timings
    assert min(timings.prepare, timings.infer, timings.finish) >= 0 < timings.total
    if outcome.boundaries is not None:
        assert outcome.boundaries.shape == image.shape[:2]
        assert outcome.boundaries.dtype == bool
    if outcome.probabilities is not None:
        assert outcome.probabilities.dtype == np.float16
        assert len(outcome.probabilities) == len(outcome.classes)
        assert np.allclose(outcome.probabilities.astype(np.float32).sum(axis=0), 1, atol=0.01)
    assert same(outcome, pickle.loads(pickle.dumps(outcome)))


def same(a: Any, b: Any) -> bool:
    """Whether two outcomes agree bit for bit, but for their timings."""
    if isinstance(a, sm.Segmentation):
        fields = ("labels", "classes", "boundaries", "probabilities", "instances", "trace", "method", "params")
        return isinstance(b, sm.Segmentation) and all(same(getattr(a, f), getattr(b, f)) for f in fields)
    if isinstance(a, Trace | Instances):
        return type(a) is type(b) and same(vars(a), vars(b))
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, Mapping):
        return isinstance(b, Mapping) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def ends(parameter: Parameter) -> list[Any]:
    """The values of a parameter that are worth a try: both ends, every choice."""
    match parameter.kind:
        case "int" | "float" if parameter.range:
            cast = int if parameter.kind == "int" else float
            return [cast(parameter.range.low), cast(parameter.range.high)]
        case "bool":
            return [False, True]
        case "choice" if parameter.name == "size":  # each size takes a network long to get ready for
            sizes = sorted((option for option in parameter.options if option.isdigit()), key=int)
            return [sizes[0], sizes[-1]]
        case "choices":
            return [[option] for option in parameter.options if option not in FETCHED]
        case _:
            return [option for option in parameter.options if option not in FETCHED]


EACH_END = [
    pytest.param(method, {parameter.name: value}, id=f"{method.id}-{parameter.name}-{value}")
    for method in METHODS
    for parameter in method.parameters
    for value in ends(parameter)
]


@each_method
@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES.keys())
def test_keeps_its_promises_on_every_kind_of_image(method: Method, image: Image) -> None:
    params = base_params(method)
    assert_promises(try_segment(image, method.id, params), image, method, params)


@each_method
def test_has_an_answer_for_a_photo(method: Method) -> None:
    assert isinstance(try_segment(make_image(), method.id, base_params(method)), sm.Segmentation)


@pytest.mark.parametrize(("method", "params"), EACH_END)
def test_keeps_its_promises_at_every_end_of_its_parameters(method: Method, params: dict[str, Any]) -> None:
    params = base_params(method) | params
    image = make_image(24, 32)
    assert_promises(try_segment(image, method.id, params), image, method, params)


@each_method
def test_gives_the_same_again(method: Method) -> None:
    first, second = (try_segment(make_image(), method.id, base_params(method)) for _ in range(2))
    assert same(first, second)


@each_method
def test_leaves_the_image_alone_and_takes_any_memory_layout(method: Method) -> None:
    whole = make_image(80, 112)
    whole.setflags(write=False)
    view = whole[::-2, ::2]
    assert not view.flags.c_contiguous
    before = whole.copy()
    seen = try_segment(view, method.id, base_params(method))
    assert np.array_equal(whole, before)
    assert isinstance(seen, sm.Segmentation)
    assert same(seen, try_segment(np.ascontiguousarray(view), method.id, base_params(method)))


@each_method
def test_describes_itself(method: Method) -> None:
    assert method.title
    assert method.source
    assert method.summary.endswith(".")
    known = {p.name: p for p in method.parameters}
    for parameter in method.parameters:
        assert parameter.check(parameter.default) == parameter.default
        assert parameter.about.label
        assert parameter.about.help.endswith("."), f"{parameter.name}: say what moves when it moves"
        assert not parameter.about.options or set(parameter.options) <= set(parameter.about.options)
        for other, values in parameter.about.when.items():
            assert set(values) <= set(known[other].options or (False, True))
