"""What a run says of itself, as JSON in columns of the database, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from segmethods.benchmark.plans import RunConfig
from segmethods.core.messages import Message, pack_message, unpack_message


def entry_to_record(entry: RunConfig) -> dict[str, Any]:
    """A line of the leaderboard."""
    record = {"label": entry.label, "method": entry.method, "params": dict(entry.params)}
    return record if entry.boundaries else record | {"boundaries": False}


def entry_from_record(record: Mapping[str, Any]) -> RunConfig:
    """What `entry_to_record` was given."""
    params, boundaries = _checked(record["params"]), bool(record.get("boundaries", True))
    return RunConfig(record["label"], record["method"], params, boundaries)


def _checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a method has them: JSON knows lists, not tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}


def message_to_text(message: Message) -> str:
    """A message as text."""
    return json.dumps(pack_message(message))


def message_from_text(text: str) -> Message:
    """A message; files before version 3 have its template and its values in a list."""
    content = json.loads(text)
    found: Message = Message(*content) if isinstance(content, list) else unpack_message(content)
    return found


def messages_to_text(messages: Sequence[Message]) -> str | None:
    """Messages as text; None where there are none."""
    return json.dumps(list(map(pack_message, messages))) if messages else None


def messages_from_text(text: str | None) -> tuple[Message, ...]:
    """What `messages_to_text` was given."""
    return tuple(map(unpack_message, json.loads(text))) if text else ()
