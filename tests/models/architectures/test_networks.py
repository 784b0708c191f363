"""Each network is what its paper says, and an impostor would be found out."""

import pytest
import torch
import torch.nn.functional as F

from segmethods.models.architectures import NETWORKS, build
from segmethods.models.architectures.backbone import Backbone, from_imagenet
from segmethods.models.architectures.deeplab.model import DeepLab
from segmethods.models.architectures.patch_cnn.windows import PAD_LEFT_TOP, PAD_RIGHT_BOTTOM, STRIDE, WINDOW
from segmethods.models.architectures.segnet.model import POOLED, max_pool, max_unpool, pool_by_comparing
from tests.models.architectures.random_weights import random_network


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("size", [(1, 1), (1, 97), (65, 33), (96, 128)])
def test_any_image_size(name, size):
    scores = random_network(name)(torch.randn(1, 3, *size))
    assert scores.shape == (1, 5, *size)
    assert scores.isfinite().all()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_image_matters(name):
    network = random_network(name)
    one, other = network(torch.randn(2, 3, 96, 96))
    assert (one - other).abs().max() > 0.01


def test_unknown_network_lists_the_known_ones():
    with pytest.raises(ValueError, match="patch_cnn, fcn, segnet, deeplab"):
        build("unet", 3)


def test_sliding_equals_dense():
    network = random_network("patch_cnn")
    image = torch.randn(1, 3, WINDOW + 5 * STRIDE, WINDOW + 3 * STRIDE)
    dense = network.logits(image)
    assert dense.shape[2:] == (6, 4)
    for row, column in [(0, 0), (2, 3), (5, 1)]:
        top, left = row * STRIDE, column * STRIDE
        window = network.logits(image[:, :, top : top + WINDOW, left : left + WINDOW])
        torch.testing.assert_close(window[0, :, 0, 0], dense[0, :, row, column], atol=1e-4, rtol=0)


def test_every_position_of_the_picture_has_a_window():
    assert PAD_LEFT_TOP + PAD_RIGHT_BOTTOM == WINDOW - STRIDE
    assert 0 <= WINDOW // 2 - PAD_LEFT_TOP < STRIDE


def test_nothing_beyond_the_window_is_seen():
    network = random_network("patch_cnn")
    image = torch.randn(1, 3, 3 * WINDOW, 3 * WINDOW)
    inside, other = image.clone(), torch.randn(1, 3, 3 * WINDOW, 3 * WINDOW)
    other[:, :, :WINDOW, :WINDOW] = image[:, :, :WINDOW, :WINDOW]
    torch.testing.assert_close(network.logits(inside)[..., 0, 0], network.logits(other)[..., 0, 0], atol=1e-5, rtol=0)


def test_unpooling_is_what_torch_calls_max_unpool():
    values, indices = max_pool(torch.randn(2, 7, 12, 20))
    torch.testing.assert_close(max_unpool(values, indices), F.max_unpool2d(values, indices, 2), atol=0, rtol=0)


@pytest.mark.parametrize("levels", [2, 1_000_000])
def test_pooling_by_comparing_finds_the_same_values_in_the_same_places(levels):
    maps = torch.randint(levels, (2, 7, 12, 20)).float()
    for found, expected in zip(pool_by_comparing(maps), max_pool(maps), strict=True):
        assert torch.equal(found, expected)


def test_segnet_follows_the_indices_of_its_encoder():
    network = random_network("segnet")
    image = torch.randn(1, 3, 96, 96)
    coarse, places = network.encode(image)
    assert len(places) == len(network.decoders) == 4
    torch.testing.assert_close(network.decode(coarse, places), network.logits(image))
    for index, place in enumerate(places):
        moved = [torch.zeros_like(place) if position == index else one for position, one in enumerate(places)]
        assert (network.decode(coarse, moved) - network.logits(image)).abs().max() > 1e-3


def test_segnet_pools_on_its_main_path_and_unpools_the_same_channels():
    network = random_network("segnet")
    pools = [next(network.backbone.stages[index].children()) for index in POOLED]
    made = []
    hooks = [block.register_forward_hook(lambda _, __, maps: made.append(maps)) for block in pools]
    _, places = network.encode(torch.randn(1, 3, 96, 96))
    for hook in hooks:
        hook.remove()
    assert all(block.filter.convolution.stride == (1, 1) for stage in network.backbone.stages for block in stage)
    assert [maps.shape[2] for maps in made] == [48, 24, 12, 6]
    assert [(place.shape[1], 2 * place.shape[2]) for place in places] == [maps.shape[1:3] for maps in made]
    for decoder, maps in zip(network.decoders, reversed(made), strict=True):
        assert decoder.fill.convolution.in_channels == maps.shape[1]


def test_segnet_carries_no_map_across():
    """The decoder needs the coarsest map and the indices: it knows nothing else of the picture that was encoded."""
    network, stranger = random_network("segnet"), random_network("segnet")
    one, other = torch.randn(2, 1, 3, 96, 96)
    coarse, places = network.encode(one)
    assert all(place.dtype == torch.int64 for place in places)
    wanted = network.logits(one)
    network.encode(other)
    torch.testing.assert_close(network.decode(coarse, places), wanted)
    torch.testing.assert_close(stranger.decode(coarse, places), wanted)


@pytest.mark.parametrize(("rates", "columns"), [((1, 1, 1), 3), ((3, 6, 9), 19), ((6, 12, 18), 37)])
def test_the_field_of_view_grows_with_the_rates(rates, columns):
    torch.manual_seed(0)
    pyramid = DeepLab(3, rates).eval().pyramid
    torch.nn.init.zeros_(pyramid.whole.weight)
    x = torch.randn(1, 320, 1, 81, requires_grad=True)
    pyramid(x, torch.zeros(1, 1280, 1, 81))[0, :, 0, 40].sum().backward()
    touched = x.grad.abs().sum(dim=(0, 1, 2)).nonzero()
    assert touched.max() - touched.min() + 1 == columns


def test_the_whole_network_sees_further_with_larger_rates():
    seen = []
    for rates in [(1, 1, 1), (6, 12, 18)]:
        network = DeepLab(3, rates).eval()
        torch.nn.init.zeros_(network.pyramid.whole.weight)
        image = torch.randn(1, 3, 16, 1600, requires_grad=True)
        network(image)[0, :, 8, 800].sum().backward()
        touched = image.grad.abs().sum(dim=(0, 1, 2)).nonzero()
        seen.append(int(touched.max() - touched.min() + 1))
    assert seen[1] - seen[0] == pytest.approx(2 * 17 * 16, abs=16)


def test_deeplab_pools_over_the_whole_image():
    network = random_network("deeplab")
    x = torch.randn(1, 320, 40, 40, requires_grad=True)
    network.pyramid(x, torch.zeros(1, 1280, 40, 40))[0, :, 0, 0].sum().backward()
    assert (x.grad[0].abs().sum(dim=0) > 0).all()


def test_deeplab_keeps_a_sixteenth():
    features = DeepLab(3).eval().backbone(torch.zeros(1, 3, 96, 128))
    assert features[-1].shape[2:] == (6, 8)


@pytest.mark.parametrize("skip", ["score16", "score8"])
def test_the_skips_of_fcn_matter(skip):
    network = random_network("fcn")
    image = torch.randn(1, 3, 96, 96)
    before = network.logits(image)
    torch.nn.init.zeros_(getattr(network, skip).weight)
    assert (network.logits(image) - before).abs().max() > 1e-2


def test_fcn_upsamples_bilinearly_before_it_learns():
    doubling = build("fcn", 4).double32
    x = torch.randn(1, 4, 9, 9)
    expected = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(doubling(x)[..., 2:-2, 2:-2], expected[..., 2:-2, 2:-2])


def test_published_weights_fill_the_backbone():
    backbone = Backbone(head=True)
    names = {"stem.convolution": "_conv_stem", "stem.norm": "_bn0"}
    assert len(from_imagenet({f"{theirs}.weight": torch.zeros(1) for theirs in names.values()})) == 2
    published = {f"_blocks.{index}._project_conv.weight": torch.zeros(1) for index in range(16)}
    assert set(from_imagenet(published)) < set(backbone.state_dict())
    assert len(from_imagenet(published)) == 16
    head = from_imagenet({"_conv_head.weight": torch.zeros(1), "_bn1.running_mean": torch.zeros(1)})
    assert set(head) == {"head.convolution.weight", "head.norm.running_mean"} < set(backbone.state_dict())
