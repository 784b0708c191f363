"""The training loop: one recipe, one network, one run that can be stopped and taken up again."""

import copy
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from segmethods.models.architectures import build
from segmethods.models.architectures.network import Network
from segmethods.models.runtime.openvino import has_bfloat16
from segmethods.training.data import Dataset
from segmethods.training.feature_distillation import Mimic
from segmethods.training.files import written
from segmethods.training.losses import cross_entropy, distillation, lovasz
from segmethods.training.recipes import Recipe
from segmethods.training.sampling import Batch, Batches
from segmethods.training.validation import normalised, summary, validate

MEMORY = 0.998
WARM_UP = 0.03
CHECKS = tuple(tenth / 10 for tenth in range(1, 11))
SAVE_EVERY = 120.0


class OtherRunError(ValueError):
    """A checkpoint of another run than the one that is to go on."""


@dataclass
class Run:
    """A training run and all that must survive a kill.

    Attributes
    ----------
    network : what is trained; ``average`` is the running mean of its weights, which is what is judged and kept.
    step, seconds : how far it has come.
    best : weights of the best check so far, with ``history`` telling every check.
    mimic : guesses the teacher's features from the network's encoder, if they are known.
    material : tells the data and the weights that it began with from others.
    half : whether scores and gradients are computed in bfloat16, which is quicker where the
        processor can multiply it; weights and losses stay in float32.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    seed: int
    network: Network
    average: Network
    optimiser: torch.optim.Optimizer
    mimic: Mimic | None = None
    material: str = ""
    half: bool = field(default_factory=has_bfloat16)
    step: int = 0
    seconds: float = 0.0
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on later; `restore` takes it."""
        return {
            "recipe": asdict(self.recipe),
            "classes": self.classes,
            "seed": self.seed,
            "material": self.material,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "mimic": self.mimic.state_dict() if self.mimic else None,
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "history": self.history,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Brings the run to where another one's state was taken.

        Raises
        ------
        OtherRunError : that was no run of the same recipe, seed, classes, data and beginning.
        """
        if state["recipe"] != asdict(self.recipe) or state["seed"] != self.seed:
            raise OtherRunError(
                "the unfinished run was started with another recipe or seed: delete it, or train to another file"
            )
        if tuple(state.get("classes", self.classes)) != self.classes:
            raise OtherRunError("the unfinished run learns other classes: delete it, or train to another file")
        if state.get("material", self.material) != self.material:
            raise OtherRunError(
                "the unfinished run began with other pictures, masks or weights: delete it, or train to another file"
            )
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        if (self.mimic is None) != (state.get("mimic") is None):
            raise OtherRunError("the unfinished run had another teacher: delete it, or train to another file")
        self.optimiser.load_state_dict(state["optimiser"])
        if self.mimic:
            self.mimic.load_state_dict(state["mimic"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.best, self.history = state["best"], state["history"]


def start(
    recipe: Recipe,
    classes: tuple[str, ...],
    encoder: dict[str, Tensor],
    seed: int = 0,
    mimic: Mimic | None = None,
    material: str = "",
) -> Run:
    """A run at its first step.

    Parameters
    ----------
    encoder : weights to begin with, by the network's names; names or shapes that do not fit are left out, so that
        another network's encoder can be the start of this one.
    mimic : what guesses the teacher's features, if they are known.
    material : see `Run`.
    """
    torch.manual_seed(seed)
    network = build(recipe.network, len(classes))
    own = network.state_dict()
    fitting = {name: value for name, value in encoder.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict(fitting, strict=False)
    network = network.to(memory_format=torch.channels_last)
    for part in frozen(network, recipe):
        part.requires_grad_(False)
    body = [weight for weight in network.backbone.parameters() if weight.requires_grad]
    ours = {id(weight) for weight in network.backbone.parameters()}
    head = [weight for weight in network.parameters() if id(weight) not in ours]
    average = copy.deepcopy(network)
    if mimic:
        mimic.watch(network.backbone)
        head += mimic.parameters()
    optimiser = torch.optim.AdamW(
        [{"params": head, "rate": recipe.rate}, {"params": body, "rate": recipe.rate * recipe.backbone}],
        weight_decay=0.05,
    )
    return Run(recipe, classes, seed, network, average, optimiser, mimic, material)


def frozen(network: Network, recipe: Recipe) -> list[torch.nn.Module]:
    """The first parts of the backbone, which keep their weights."""
    return [network.backbone.stem, *network.backbone.stages][: recipe.frozen]


def train(
    run: Run, data: Dataset, checkpoint: Path, *, minutes: float | None = None, epochs: int | None = None
) -> None:
    """Trains until the minutes or the epochs are over; then ``run.best`` are the weights of its `best_check`.

    By epochs the result depends on the seed, the number of threads and `Run.half` alone. By minutes it depends on how
    quick the machine is, too.

    Raises
    ------
    KeyboardInterrupt : Ctrl-C; the checkpoint is written first, after a whole step.
    """
    recipe = run.recipe
    limit = (minutes or recipe.minutes) * 60
    steps = math.ceil(len(data.train) / recipe.batch) * epochs if epochs else None
    with torch.inference_mode():
        outputs = run.network.eval().logits(torch.zeros(1, 3, recipe.side, recipe.side)).shape[-1]
    batches = Batches(
        data,
        side=recipe.side,
        batch=recipe.batch,
        photos=recipe.photos,
        cell=run.network.output_stride,
        centre=run.network.first_output_centre,
        outputs=outputs,
        scales=recipe.scales,
        mixed=recipe.mixed,
        turn=recipe.turn,
        tint=recipe.tint,
        features=run.mimic is not None,
    )

    def draw(step: int) -> Batch:
        return batches.draw(np.random.default_rng((run.seed, step)))

    saved, shown = time.monotonic(), math.nan
    with (
        patient() as is_stopped,
        ThreadPoolExecutor(1) as ahead,
        tqdm(total=100, desc=f"{recipe.network}-{recipe.family}", unit="%", mininterval=5) as bar,
    ):
        coming = ahead.submit(draw, run.step)
        while (done := min(1.0, run.step / steps if steps else run.seconds / limit)) < 1:
            begun = time.monotonic()
            batch, coming = coming.result(), ahead.submit(draw, run.step + 1)
            loss = advance(run, batch, done)
            shown = loss if math.isnan(shown) else 0.95 * shown + 0.05 * loss
            run.step += 1
            run.seconds += time.monotonic() - begun
            after = min(1.0, run.step / steps if steps else run.seconds / limit)
            bar.set_postfix(step=run.step, loss=f"{shown:.3f}", best=f"{reached(run):.3f}", refresh=False)
            bar.update(round(100 * after, 1) - bar.n)
            if any(done < check <= after for check in CHECKS):
                judge(run, run.average, data, shown)
                save(run, checkpoint)
            elif is_stopped() or time.monotonic() - saved > SAVE_EVERY:
                save(run, checkpoint)
                saved = time.monotonic()
            if is_stopped():
                raise KeyboardInterrupt
    if not run.history:
        judge(run, run.average, data, shown)


@contextmanager
def patient() -> Iterator[Callable[[], bool]]:
    """Inside, Ctrl-C waits for the step that is being done; gives what tells whether it was pressed."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # only there can signals be heard
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def best_check(run: Run) -> dict[str, Any]:
    """The entry of the history whose weights are kept."""
    return max(run.history, key=lambda check: float(check["score"]["mean"]))


def reached(run: Run) -> float:
    """The best mean IoU so far."""
    return float(best_check(run)["score"]["mean"]) if run.history else 0.0


def advance(run: Run, batch: Batch, done: float) -> float:
    """One step of the optimiser; returns the loss. Its chance depends on the seed and the step alone.

    The backbone keeps the batch statistics it came with: those of a dozen crops are poorer, and cost a quarter more.
    """
    torch.manual_seed(run.seed * 1_000_003 + run.step)
    run.network.train()
    run.network.backbone.eval()
    for group in run.optimiser.param_groups:
        group["lr"] = group["rate"] * pace(done)
    halved = torch.autocast("cpu", torch.bfloat16, enabled=run.half)
    with halved:
        scores = run.network.logits(normalised(batch.images))
    total = loss(scores.float(), batch, run.recipe)
    if run.mimic and batch.features is not None and batch.felt is not None:
        with halved:
            total = total + run.recipe.features * run.mimic.loss(batch.features, batch.felt)
    run.optimiser.zero_grad()
    total.backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), 5.0)
    run.optimiser.step()
    remember(run)
    return total.item()


def pace(done: float) -> float:
    """The learning rate as a share of its highest: a short rise, then half a cosine down to nothing."""
    if done < WARM_UP:
        return 0.05 + 0.95 * done / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP))


def loss(scores: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    """How far scores, float (N, C, h, w), are from the masks and from the teacher, weighed as the recipe says."""
    logarithms = F.log_softmax(scores, dim=1)
    total = cross_entropy(logarithms, batch.labels)
    if batch.teacher is not None and recipe.teacher:
        total = total + recipe.teacher * distillation(logarithms, batch.teacher, batch.taught)
    if recipe.overlap:
        total = total + recipe.overlap * lovasz(logarithms.exp(), batch.labels)
    return total


def remember(run: Run) -> None:
    """Moves the average a little towards the network, faster in the beginning."""
    memory = min(MEMORY, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for kept, new in zip(run.average.state_dict().values(), run.network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - memory)
            else:
                kept.copy_(new)


def judge(run: Run, network: Network, data: Dataset, loss: float) -> None:
    """Validates what has come of a run and keeps it if it is the best so far."""
    found = validate(network, data.val, len(run.classes), run.recipe.size)
    if found.mean_iou > reached(run) or not run.best:
        run.best = {name: value.clone() for name, value in network.state_dict().items()}
    check = {"step": run.step, "seconds": run.seconds, "presence": network.presence is not None}
    run.history.append(check | {"loss": loss, "score": summary(found)})
    tqdm.write(
        f"step {run.step}, {run.seconds / 60:.1f} min: loss {loss:.3f}, "
        f"mean IoU {found.mean_iou:.3f}, pixels {found.pixel_accuracy:.3f}"
    )


def save(run: Run, checkpoint: Path) -> None:
    """Writes the run, so that it can be taken up; see `written`."""
    with written(checkpoint) as part:
        torch.save(run.state(), part)
