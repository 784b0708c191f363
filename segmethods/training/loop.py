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
from segmethods.training.feature_distillation import FeatureHint
from segmethods.training.files import write_file
from segmethods.training.losses import cross_entropy, distillation, lovasz
from segmethods.training.recipes import Recipe
from segmethods.training.sampling import Batch, Batches
from segmethods.training.validation import normalise, summarise, validate

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
    network : Network
        What is trained; ``average`` is the running mean of its weights, which is what is judged and kept.
    step : int
        Steps done.
    seconds : float
        Time spent on them.
    best : dict of Tensor
        Weights of the best check so far, with ``history`` telling every check.
    hint : FeatureHint or None
        Guesses the teacher's features from the network's encoder, if they are known.
    material : str
        Tells the data and the weights that it began with from others.
    half : bool
        Whether scores and gradients are computed in bfloat16, which is quicker where the processor can multiply it;
        weights and losses stay in float32.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    seed: int
    network: Network
    average: Network
    optimiser: torch.optim.Optimizer
    hint: FeatureHint | None = None
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
            "hint": self.hint.state_dict() if self.hint else None,
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "history": self.history,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Bring the run to where another one's state was taken.

        Raises
        ------
        OtherRunError
            If it was no run of the same recipe, seed, classes, data and beginning.
        """
        if state["recipe"] != asdict(self.recipe) or state["seed"] != self.seed:
            raise OtherRunError(
                "the unfinished run was started with another recipe or seed: delete it, or train to another file"
            )
        if tuple(state.get("classes", self.classes)) != self.classes:
            raise OtherRunError("the unfinished run learns other classes: delete it, or train to another file")
        if state.get("material", self.material) != self.material:
            raise OtherRunError(
                "the unfinished run began with other pictures, masks, teacher's answers or weights: "
                "delete it, or train to another file"
            )
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        if (self.hint is None) != (state.get("hint") is None):
            before, now = ("without", "with") if self.hint else ("with", "without")
            raise OtherRunError(
                f"the unfinished run learned {before} a teacher's features and this one learns {now} them: "
                "give the same teacher as before, delete it, or train to another file"
            )
        self.optimiser.load_state_dict(state["optimiser"])
        if self.hint:
            self.hint.load_state_dict(state["hint"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.best, self.history = state["best"], state["history"]


def start(
    recipe: Recipe,
    classes: tuple[str, ...],
    encoder: dict[str, Tensor],
    seed: int = 0,
    hint: FeatureHint | None = None,
    material: str = "",
) -> Run:
    """A run at its first step.

    Parameters
    ----------
    encoder : dict of Tensor
        Weights to begin with, by the network's names; names or shapes that do not fit are left out, so that another
        network's encoder can be the start of this one.
    hint : FeatureHint or None
        What guesses the teacher's features, if they are known.
    material : str
        See `Run`.
    """
    torch.manual_seed(seed)
    network = build(recipe.network, len(classes))
    own = network.state_dict()
    fitting = {name: value for name, value in encoder.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict(fitting, strict=False)
    network = network.to(memory_format=torch.channels_last)
    for part in list_frozen(network, recipe):
        part.requires_grad_(False)
    body = [weight for weight in network.backbone.parameters() if weight.requires_grad]
    ours = {id(weight) for weight in network.backbone.parameters()}
    head = [weight for weight in network.parameters() if id(weight) not in ours]
    average = copy.deepcopy(network)
    if hint:
        hint.attach(network.backbone)
        head += hint.parameters()
    optimiser = torch.optim.AdamW(
        [{"params": head, "rate": recipe.rate}, {"params": body, "rate": recipe.rate * recipe.backbone}],
        weight_decay=0.05,
    )
    return Run(recipe, classes, seed, network, average, optimiser, hint, material)


def list_frozen(network: Network, recipe: Recipe) -> list[torch.nn.Module]:
    """The first parts of the backbone, which keep their weights."""
    return [network.backbone.stem, *network.backbone.stages][: recipe.frozen]


def train(
    run: Run, data: Dataset, checkpoint: Path, *, minutes: float | None = None, epochs: int | None = None
) -> None:
    """Train until the minutes or the epochs are over; then ``run.best`` are the weights of its `find_best`.

    By epochs the result depends on the seed, the number of threads and `Run.half` alone. By minutes it depends on how
    quick the machine is, too.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; the checkpoint is written first, after a whole step.
    """
    recipe = run.recipe
    limit = (minutes or recipe.minutes) * 60
    steps = math.ceil(len(data.train) / recipe.batch) * epochs if epochs else None
    batches = make_batches(run, data)

    def draw(step: int) -> Batch:
        return batches.draw(np.random.default_rng((run.seed, step)))

    saved, shown = time.monotonic(), math.nan
    with (
        delay_interrupt() as is_stopped,
        ThreadPoolExecutor(1) as ahead,
        tqdm(total=100, desc=f"{recipe.network}-{recipe.variant}", unit="%", mininterval=5) as bar,
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
            bar.set_postfix(step=run.step, loss=f"{shown:.3f}", best=f"{best_score(run):.3f}", refresh=False)
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


def make_batches(run: Run, data: Dataset) -> Batches:
    """The stream of crops for a run."""
    recipe, parts = run.recipe, 2**run.recipe.finer
    cell = run.network.output_stride / parts
    with torch.inference_mode():
        outputs = run.network.eval().logits(torch.zeros(1, 3, recipe.side, recipe.side)).shape[-1]
    return Batches(
        data,
        side=recipe.side,
        batch=recipe.batch,
        unlabelled=recipe.photos,
        cell=cell,
        centre=run.network.first_output_centre - (parts - 1) / 2 * cell,
        outputs=outputs * parts,
        scales=recipe.scales,
        mixed=recipe.mixed,
        turn=recipe.turn,
        tint=recipe.tint,
        features=run.hint is not None,
    )


@contextmanager
def delay_interrupt() -> Iterator[Callable[[], bool]]:
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


def find_best(run: Run) -> dict[str, Any]:
    """The entry of the history whose weights are kept."""
    return max(run.history, key=lambda check: float(check["score"]["mean"]))


def best_score(run: Run) -> float:
    """The best mean IoU so far."""
    return float(find_best(run)["score"]["mean"]) if run.history else 0.0


def advance(run: Run, batch: Batch, done: float) -> float:
    """One step of the optimiser; returns the loss. Its chance depends on the seed and the step alone.

    The backbone keeps the batch statistics it came with: those of a dozen crops are poorer, and cost a quarter more.
    """
    torch.manual_seed(run.seed * 1_000_003 + run.step)
    run.network.train()
    run.network.backbone.eval()
    for group in run.optimiser.param_groups:
        group["lr"] = group["rate"] * schedule_rate(done)
    halved = torch.autocast("cpu", torch.bfloat16, enabled=run.half)
    with halved:
        scores = run.network.logits(normalise(batch.images))
    total = loss(scores.float(), batch, run.recipe)
    if run.hint and batch.features is not None and batch.features_valid is not None:
        with halved:
            total = total + run.recipe.features * run.hint.loss(batch.features, batch.features_valid)
    run.optimiser.zero_grad()
    total.backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), 5.0)
    run.optimiser.step()
    update_average(run)
    return total.item()


def schedule_rate(done: float) -> float:
    """The learning rate as a share of its highest: a short rise, then half a cosine down to nothing."""
    if done < WARM_UP:
        return 0.05 + 0.95 * done / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP))


def loss(scores: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    """How far scores, float (N, C, h, w), are from the masks and from the teacher, weighed as the recipe says.

    They are stretched over finer masks; the Lovász loss, which sorts all pixels, then takes every other one.
    """
    if recipe.finer:
        scores = F.interpolate(scores, size=batch.labels.shape[1:], mode="bilinear", align_corners=False)
    logarithms = F.log_softmax(scores, dim=1)
    total = cross_entropy(logarithms, batch.labels)
    if batch.teacher is not None and recipe.teacher:
        total = total + recipe.teacher * distillation(logarithms, batch.teacher, batch.teacher_valid)
    if recipe.overlap:
        some = 2 if recipe.finer else 1
        probabilities = logarithms[:, :, ::some, ::some].exp()
        total = total + recipe.overlap * lovasz(probabilities, batch.labels[:, ::some, ::some])
    return total


def update_average(run: Run) -> None:
    """Move the average a little towards the network, faster in the beginning."""
    memory = min(MEMORY, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for kept, new in zip(run.average.state_dict().values(), run.network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - memory)
            else:
                kept.copy_(new)


def judge(run: Run, network: Network, data: Dataset, loss: float) -> None:
    """Validate what has come of a run, and keep it if it is the best so far."""
    found = validate(network, data.val, len(run.classes), run.recipe.size)
    if found.mean_iou > best_score(run) or not run.best:
        run.best = {name: value.clone() for name, value in network.state_dict().items()}
    check = {"step": run.step, "seconds": run.seconds, "presence": network.presence is not None}
    run.history.append(check | {"loss": loss, "score": summarise(found)})
    tqdm.write(
        f"step {run.step}, {run.seconds / 60:.1f} min: loss {loss:.3f}, "
        f"mean IoU {found.mean_iou:.3f}, pixels {found.pixel_accuracy:.3f}"
    )


def save(run: Run, checkpoint: Path) -> None:
    """Write the run, so that it can be taken up; see `write_file`."""
    with write_file(checkpoint) as part:
        torch.save(run.state(), part)
