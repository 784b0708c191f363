"""A data set: images with their ground truth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from segmethods.core.messages import Message
from segmethods.core.types import Vocabulary
from segmethods.datasets.sample_refs import SampleRef, Skipped

READ_AS = Message("Read as: {layout}, {pictures:picture|pictures}, {classes:class|classes}")
READ_AS_REGIONS = Message("Read as: {layout}, {pictures:picture|pictures}, regions without names")
LEFT_OVER = Message("{skipped:file|files} left out, {passed:other file|other files} passed over")


@dataclass(frozen=True)
class Dataset:
    """Pictures with their truth.

    Parameters
    ----------
    name : str
        Short; says which part of a data set it is.
    source : str
        What `open_dataset` was asked for.
    pairs : tuple of SampleRef
        In the order in which they are run.
    skipped : tuple of Skipped
        Files that have no partner, or are none that can be read.
    classes : Vocabulary
        What the ids of all truths mean; empty for regions without names.
    layout : str
        How it lies in its folder, by the name of a layout; empty for samples and shapes.
    passed : int
        Files of the folder that are no part of it: junk of systems and tools, and what the layout doesn't use.
    notes : tuple of Message
        What was assumed about its masks.
    """

    name: str
    source: str
    pairs: tuple[SampleRef, ...]
    skipped: tuple[Skipped, ...]
    classes: Vocabulary
    layout: str = ""
    passed: int = 0
    notes: tuple[Message, ...] = ()

    def describe(self) -> list[Message]:
        """How its folder was understood, in lines to be shown before a run; empty for samples and shapes."""
        if not self.layout:
            return []
        values = {"layout": Message(self.layout), "pictures": len(self.pairs), "classes": len(self.classes)}
        lines = [Message((READ_AS if self.classes.names else READ_AS_REGIONS).template, values)]
        if self.skipped or self.passed:
            lines.append(Message(LEFT_OVER.template, {"skipped": len(self.skipped), "passed": self.passed}))
        return [*lines, *self.notes]

    def digest(self) -> str:
        """SHA-256 of all pictures and truths and their names, wherever they lie; reads every file."""
        sha = hashlib.sha256("\n".join(self.classes.names).encode())
        for pair in self.pairs:
            sha.update(pair.digest().encode())
        return sha.hexdigest()


def join_classes(vocabularies: Iterable[Vocabulary]) -> Vocabulary:
    """One vocabulary with the names of all, each once; the first one's ids stay.

    Examples
    --------
    >>> join_classes([Vocabulary("a", ("paper", "ink")), Vocabulary("b", ("paper", "coin"))]).names
    ('paper', 'ink', 'coin')
    """
    every = tuple(dict.fromkeys(vocabularies))
    names = tuple(dict.fromkeys(name for vocabulary in every for name in vocabulary.names))
    return every[0] if every and names == every[0].names else Vocabulary("joined", names)
