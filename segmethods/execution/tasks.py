"""A method to be run somewhere else: what has to be known there, and how it is run."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segmethods.core.messages import MethodError, SegmethodsError
from segmethods.core.registry import REGISTRY, Method, unregister
from segmethods.core.types import Failure, Image, Outcome
from segmethods.execution.compare import try_timed
from segmethods.methods import get_method, list_methods

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """One method, its parameters, and the picture that it is for.

    Parameters
    ----------
    digest : str
        SHA-256 of the picture.
    method, params
        As for :func:`segmethods.segment`.
    module, file : str
        Where the method's function is defined, for methods that `segmethods.methods` doesn't hold.
    """

    digest: str
    method: str
    params: Mapping[str, Any]
    module: str
    file: str

    @classmethod
    def from_method(cls, digest: str, method: Method, params: Mapping[str, Any]) -> Task:
        """The task that runs `method`, registered in this process, in another one."""
        module = method.function.__module__
        if module == "__main__":  # what comes back may hold classes of the main script, under the name it has there
            sys.modules["__mp_main__"] = sys.modules["__main__"]
        file = getattr(sys.modules.get(module), "__file__", None) or ""
        return cls(digest, method.id, dict(params), "__mp_main__" if module == "__main__" else module, file)


def run_task(task: Task, image: Image) -> Outcome:
    """Do a task in this process, which need not know the method yet."""
    try:
        _learn(task)
    except SegmethodsError as error:
        return Failure(task.method, error.message, params=task.params)
    return try_timed(image, task.method, task.params, most_runs=1)


def _learn(task: Task) -> None:
    """Import the module that registers the task's method, unless it is known here."""
    list_methods()
    known = REGISTRY.get(task.method)
    if known is not None:
        if known.function.__module__ == task.module:
            return
        unregister(task.method)
    try:
        _import(task)
        get_method(task.method)
    except Exception as error:
        log.exception("%s can't be imported from %s", task.method, task.file or task.module)
        raise MethodError(
            "The worker processes can't import {method}. Define it at the top of a file in segmethods/methods.",
            method=task.method,
        ) from error


def _import(task: Task) -> None:
    if not task.file or task.module.startswith("segmethods."):
        importlib.import_module(task.module)
        return
    spec = importlib.util.spec_from_file_location(task.module, task.file)
    assert spec is not None  # the server imported it from this file
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[task.module] = module
    spec.loader.exec_module(module)
