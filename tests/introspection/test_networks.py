"""What inspections say of a network is true of the network that answers."""

import inspect as signatures
from functools import partial

import cv2
import numpy as np
import pytest
import torch

import segmethods as sm
from segmethods.core.types import Image, Labels, Trace
from segmethods.execution.cache import make_call_key
from segmethods.execution.pool import Pool
from segmethods.introspection.deeplab import ablate_branches, compare_branches
from segmethods.introspection.edges import inspect_edges
from segmethods.introspection.ensemble import inspect_ensemble
from segmethods.introspection.fcn import inspect_fcn
from segmethods.introspection.loaded_model import assemble_model
from segmethods.introspection.patch_cnn import inspect_window, time_sliding
from segmethods.introspection.receptive_field import measure_receptive_field, theoretical_receptive_field
from segmethods.introspection.segnet import inspect_segnet, shuffle_indices
from segmethods.models.architectures.backbone import Backbone
from segmethods.models.architectures.deeplab.model import DeepLab
from segmethods.models.architectures.fcn.model import FCN
from segmethods.models.architectures.segnet.model import max_unpool
from segmethods.models.weights import get_weights

INSPECTIONS = [
    ablate_branches,
    compare_branches,
    inspect_edges,
    inspect_ensemble,
    inspect_fcn,
    inspect_segnet,
    inspect_window,
    measure_receptive_field,
    time_sliding,
]
SIZE = "256"


@pytest.fixture(scope="module")
def image() -> Image:
    image: Image = cv2.resize(sm.get_sample("chelsea").image(), (120, 90), interpolation=cv2.INTER_AREA)
    return image


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMETHODS_RUNTIME", "torch")


@pytest.fixture(scope="module")
def pool():
    made = Pool(workers=1, threads=1, deadline=120, cache_bytes=10**7)
    yield made
    made.close()


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch):
    """This process computes as a worker does: sums over several threads differ in their last bits."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # what is loaded from now on
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # what is loaded already
    yield
    torch.set_num_threads(before)


@pytest.fixture
def changed_network():
    """Networks that a test changes are loaded anew afterwards."""
    assemble_model.cache_clear()
    yield
    assemble_model.cache_clear()


def labels_of(image: Image, method: str, **params) -> Labels:
    return sm.segment(image, method, size=SIZE, **params).labels


@pytest.mark.parametrize("function", INSPECTIONS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (33, 47)])
def test_every_inspection_answers_images_of_any_shape(function, shape):
    seen = function(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8))
    assert isinstance(seen, Trace)
    confidence = getattr(getattr(seen, "trace", None), "confidence", np.zeros(1))  # NaN where a class is nowhere likely
    assert np.isfinite(confidence).any()
    assert all(np.isfinite(np.asarray(a, float)).all() for a in seen.arrays() if a is not confidence)
    assert getattr(seen, "labels", np.empty(shape)).shape == shape


@pytest.mark.parametrize("function", INSPECTIONS)
def test_an_inspection_says_the_same_in_a_worker_and_is_kept(function, image, pool, one_thread):
    wanted = {"weights": "camvid"} if "weights" in signatures.signature(function).parameters else {}
    key = make_call_key("digest", function, wanted)
    seen = pool.call("me", partial(function, **wanted), image, key=key).result(timeout=120)
    again = function(image, **wanted)
    assert type(seen) is type(again)
    if function is not time_sliding:
        for theirs, ours in zip(seen.arrays(), again.arrays(), strict=True):
            np.testing.assert_array_equal(theirs, ours)
    assert pool.call("you", partial(function, **wanted), image, key=key).result(timeout=0) is seen
    assert not any(array.flags.writeable for array in seen.arrays())


def test_fcn_with_both_skips_is_fcn(image):
    seen = inspect_fcn(image, size=SIZE)
    np.testing.assert_array_equal(seen.skips["both"], labels_of(image, "fcn"))


@pytest.mark.parametrize(
    ("name", "silent"), [("none", ("score16", "score8")), ("16", ("score8",)), ("8", ("score16",))]
)
def test_a_skip_that_is_off_adds_nothing(image, name, silent, changed_network):
    found = inspect_fcn(image, size=SIZE).skips[name]
    network = assemble_model(get_weights("fcn", "voc")).network
    assert isinstance(network, FCN)
    for layer in silent:
        torch.nn.init.zeros_(getattr(network, layer).weight)
        torch.nn.init.zeros_(getattr(network, layer).bias)
    np.testing.assert_array_equal(found, inspect_fcn(image, size=SIZE).labels)


def test_the_whole_picture_is_credited_to_its_parts(image, changed_network):
    seen = inspect_fcn(image, size=SIZE)
    assert len(seen.chances) == 20
    assert all(0 <= chance <= 1 for chance in seen.chances)
    network = assemble_model(get_weights("fcn", "voc")).network
    assert isinstance(network, FCN)
    network.presence = None
    alone = inspect_fcn(image, size=SIZE)
    np.testing.assert_array_equal(seen.without_image_head, alone.labels)
    assert alone.chances == ()


def test_feature_maps_are_those_that_vary_most(image):
    layers = inspect_fcn(image, size=SIZE).layers
    assert [layer.stride for layer in layers] == [2, 4, 8, 16, 16, 32, 32, 32]
    assert [layer.channels for layer in layers] == [16, 24, 40, 80, 112, 192, 320, 1280]
    for layer in layers:
        assert layer.maps.shape == (12, -(-192 // layer.stride), 256 // layer.stride)
        spread = layer.maps.astype(float).std(axis=(1, 2))
        assert (np.diff(spread) <= 1e-3).all()


def test_segnet_with_its_indices_is_segnet(image):
    seen = inspect_segnet(image, size=SIZE)
    np.testing.assert_array_equal(seen.variants["indices"], labels_of(image, "segnet"))


def test_pooling_keeps_the_largest_of_four(image):
    poolings = inspect_segnet(image, size=SIZE).poolings
    assert [p.stride for p in poolings] == [2, 4, 8, 16]
    for pooling in poolings:
        before, kept = pooling.before, pooling.kept
        height, width = (n // 2 for n in before.shape)
        squares = before.reshape(height, 2, width, 2).transpose(0, 2, 1, 3).reshape(height, width, 4)
        chosen = kept.reshape(height, 2, width, 2).transpose(0, 2, 1, 3).reshape(height, width, 4)
        assert (chosen.sum(axis=2) == 1).all()
        np.testing.assert_array_equal(squares[chosen], squares.max(axis=2).ravel())


@pytest.mark.parametrize("side", [2, 4, 16])
def test_shuffled_places_stay_in_their_square(side):
    values = torch.arange(1.0, 12 * 10 + 1).view(1, 1, 12, 10)
    places = shuffle_indices(torch.zeros(1, 1, 12, 10, dtype=torch.int64), side, torch.Generator().manual_seed(0))
    for row, column in np.argwhere(max_unpool(values, places)[0, 0].numpy() > 0):
        value = max_unpool(values, places)[0, 0, row, column]
        came = divmod(int(value) - 1, 10)
        assert (2 * came[0] // side, 2 * came[1] // side) == (row // side, column // side)


def test_shuffling_depends_on_the_seed_alone(image):
    one, same, other = (inspect_segnet(image, size=SIZE, square="16", seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.variants["shuffled"], same.variants["shuffled"])
    assert (one.variants["shuffled"] != other.variants["shuffled"]).any()


def test_deeplab_with_all_branches_is_deeplab(image):
    np.testing.assert_array_equal(ablate_branches(image, size=SIZE).labels, labels_of(image, "deeplab"))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [("point", 0, 1280), ("near", 1280, 1408), ("middle", 1408, 1536), ("far", 1536, 1664), ("whole", 1664, 1792)],
)
def test_a_branch_that_is_off_has_no_say(image, name, start, end, changed_network):
    found = ablate_branches(image, size=SIZE, **{name: False}).labels
    network = assemble_model(get_weights("deeplab", "voc")).network
    assert isinstance(network, DeepLab)
    torch.nn.init.zeros_(network.pyramid.mix.convolution.weight[:, start:end])
    np.testing.assert_array_equal(found, ablate_branches(image, size=SIZE).labels)


def test_what_a_branch_decides(image):
    seen = compare_branches(image, size=SIZE)
    assert seen.rates == (3, 6, 9)
    assert list(seen.changed) == ["point", "near", "middle", "far", "whole"]
    assert all(0 <= share <= 1 for share in seen.changed.values())
    assert max(seen.changed.values()) > 0
    without = ablate_branches(image, size=SIZE, near=False, middle=False, far=False)
    np.testing.assert_array_equal(seen.without_atrous, without.labels)
    nothing = ablate_branches(image, size=SIZE, **dict.fromkeys(seen.changed, False))
    np.testing.assert_array_equal(seen.without_all, nothing.labels)


@pytest.mark.parametrize("rule", ["mean", "vote"])
def test_the_ensemble_asks_its_members_once_and_says_what_each_says_alone(rule, image):
    members = ("fcn", "segnet", "deeplab")
    seen = inspect_ensemble(image, members=members, rule=rule, weights="camvid")
    alike = {f"weight_{member}": 1.0 for member in members}
    whole = sm.segment(image, "ensemble", members=members, rule=rule, weights="camvid", mirrored=False, **alike)
    np.testing.assert_array_equal(seen.labels, whole.labels)
    assert tuple(seen.votes) == members
    for member, labels in seen.votes.items():
        np.testing.assert_array_equal(labels, sm.segment(image, member, weights="camvid").labels)


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_theory_is_what_a_network_of_random_weights_sees(stages):
    backbone = Backbone(stages).eval()
    pixels = torch.zeros(1, 3, 256, 256, requires_grad=True)
    with torch.no_grad():  # every connection counts, and no activation stops a gradient
        for weight in backbone.parameters():
            weight.fill_(0.01)
    last = backbone(pixels + 0.5)[-1]
    last[0, :, last.shape[2] // 2, last.shape[3] // 2].sum().backward()
    seen = np.argwhere(pixels.grad[0].abs().sum(0).numpy() > 0)
    assert (seen.max(axis=0) - seen.min(axis=0) + 1).tolist() == [theoretical_receptive_field(backbone)] * 2


def test_an_atrous_filter_reads_nine_cells_and_changes_with_its_rate(image):
    near, far = (measure_receptive_field(image, size=SIZE, x=60, y=45, rate=r) for r in (1, 5))
    assert near.centre == (6, 8)
    assert sorted(map(tuple, near.taps - near.centre)) == [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    assert sorted(map(tuple, far.taps - far.centre)) == [(i, j) for i in (-5, 0, 5) for j in (-5, 0, 5)]
    assert (near.trained, far.trained) == (3, 6)
    assert far.theory - near.theory == 2 * 4 * 16
    assert near.gradient.shape == (192, 256)
    assert near.gradient.max() == 1
    assert near.measured[0.5] < near.measured[0.9] < 2 * 256
    assert near.measured[0.9] < far.measured[0.9]


def test_a_window_alone_and_in_the_dense_pass(image):
    seen = inspect_window(image, size=SIZE, x=100, y=20)
    np.testing.assert_allclose(seen.alone, seen.dense, atol=1e-4)
    assert seen.alone.sum() == pytest.approx(1, abs=1e-4)
    assert seen.window.shape == (147, 147, 3)
    left, top, right, bottom = seen.square
    assert right - left == pytest.approx(147 * 120 / 256)
    assert np.hypot(seen.middle[0] - 100, seen.middle[1] - 20) < 4
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx(seen.middle)


def test_the_window_is_cut_from_the_picture():
    image = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    seen = inspect_window(image, size=SIZE, x=128, y=128)
    left, top, right, bottom = map(round, seen.square)
    np.testing.assert_array_equal(seen.window, image[top:bottom, left:right])


@pytest.mark.parametrize("function", [inspect_window, measure_receptive_field])
def test_a_point_outside_is_said_in_one_line(function, image, pool):
    with pytest.raises(
        sm.MethodError, match=r"The point 120, 0 lies outside of the picture, which is 120 × 90 pixels\."
    ):
        function(image, x=120)
    with pytest.raises(sm.MethodError, match="The point 120, 0"):
        pool.call("me", partial(function, x=120), image).result(timeout=120)


def test_the_cost_of_sliding(image):
    seen = time_sliding(image, size=SIZE)
    assert seen.windows == {1: 192 * 256, 8: 24 * 32, 16: 12 * 16, 32: 6 * 8}
    assert 0 < seen.dense < seen.window * seen.windows[1]
    assert seen.sampled == 8
