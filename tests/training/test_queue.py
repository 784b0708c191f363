"""Teachings wait in turn, one is at work, each can be stopped and goes on; a stand-in learns in place of a network."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from segmethods.core.messages import SegmethodsError
from segmethods.core.settings import settings
from segmethods.training import queue
from segmethods.training.plans import TeachingPlan
from segmethods.training.queue import find_teaching, forget_teaching, is_finished, resume_teaching, start_teaching
from tests.waiting import wait_until

CLASSES = ("background", "scratch")
LEARNS = textwrap.dedent("""
    import json, pathlib, signal, sys, time
    place = pathlib.Path(sys.argv[1])
    done = place / "done"
    def stop(*_):
        sys.exit(130)
    signal.signal(signal.SIGINT, stop)
    with (place.parent / "order.txt").open("a") as order:
        print(place.name, file=order)
    for minute in range(int(done.read_text()) if done.exists() else 0, 4):
        print(json.dumps({"part": minute, "seconds": 60.0, "loss": 1.0 - 0.2 * minute}), flush=True)
        done.write_text(str(minute + 1))
        while minute == 1 and (place.parent / "hold").exists():
            time.sleep(0.02)
    print(json.dumps({"scores": [["background", 0.9], ["scratch", 0.75]]}), flush=True)
""")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of one's own, and a process that pretends to learn; a file called hold keeps it at its second network."""
    monkeypatch.setenv("SEGMETHODS_HOME", str(tmp_path))
    settings.cache_clear()
    monkeypatch.setattr(queue, "COMMAND", (sys.executable, "-c", LEARNS))
    monkeypatch.setattr(queue, "TURN", 0.02)
    monkeypatch.setattr(queue, "require", lambda *_: None)
    queue._served.clear()
    images = tmp_path / "pictures"
    images.mkdir()
    (images / "a.png").write_bytes(b"")
    teachings = queue._folder("x").parent
    teachings.mkdir(parents=True)
    yield teachings
    (teachings / "hold").unlink(missing_ok=True)
    for ident in list(queue._jobs):
        forget_teaching(ident)
    settings.cache_clear()


def begin(home: Path, name: str, client: str = "a", minutes: float = 3) -> str:
    images = home.parents[1] / "pictures"
    return start_teaching(TeachingPlan(name, str(images), "scratches", minutes), client, CLASSES)


def wait_for_end(ident: str) -> None:
    wait_until(lambda: queue._jobs[ident].is_over, 20, "the end of a teaching")


def test_a_teaching_is_stopped_and_goes_on_where_it_was(home: Path) -> None:
    hold = home / "hold"
    hold.touch()
    ident = begin(home, "one")
    wait_until(lambda: find_teaching(ident)[1].part == 1, 20, "the second network")
    queue.stop_teaching(ident)
    wait_for_end(ident)
    _, progress, job = find_teaching(ident)
    assert (progress.part, is_finished(progress), job.problem) == (1, False, None)
    queue._jobs.clear()  # the server was started anew, and knows only what was written down
    assert find_teaching(ident)[1].curve == progress.curve
    hold.unlink()
    assert resume_teaching(ident, "a") == ident
    wait_for_end(ident)
    plan, progress, _ = find_teaching(ident)
    assert is_finished(progress)
    assert dict(progress.scores)["scratch"] == 0.75
    assert [part for part, _, _ in progress.curve] == [0, 1, 2, 3]
    assert (Path(plan.folder) / "a.png").is_file()


def test_one_is_at_work_and_whoever_was_served_least_is_next(home: Path) -> None:
    hold = home / "hold"
    hold.touch()
    first = begin(home, "one", "a")
    wait_until(lambda: find_teaching(first)[1].part == 1, 20, "the first one at work")
    second, third = begin(home, "two", "a"), begin(home, "three", "b")
    wait_until(lambda: find_teaching(second)[1].place == 2, 20, "the second one to wait behind the other visitor")
    assert find_teaching(third)[1].place == 1
    hold.unlink()
    for ident in (first, second, third):
        wait_for_end(ident)
    assert (home / "order.txt").read_text().split() == [first, third, second]


def test_who_waits_can_stop_waiting(home: Path) -> None:
    (home / "hold").touch()
    first = begin(home, "one")
    wait_until(lambda: find_teaching(first)[1].part == 1, 20, "the first one at work")
    second = begin(home, "two")
    queue.stop_teaching(second)
    wait_for_end(second)
    assert second not in (home / "order.txt").read_text()
    forget_teaching(second)
    assert find_teaching(second) is None


def test_what_goes_wrong_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for script, said in (
        ("import json; print(json.dumps({'problem': ['{name} shows one class.', {'name': 'cat'}]}))", "cat shows one"),
        ("import sys; sys.exit('no memory left')", "broke off (no memory left)"),
    ):
        monkeypatch.setattr(queue, "COMMAND", (sys.executable, "-c", script))
        ident = begin(home, "one")
        wait_for_end(ident)
        assert said in str(find_teaching(ident)[2].problem)
        forget_teaching(ident)


@pytest.mark.parametrize(
    ("setting", "value", "minutes", "said"),
    [
        ("SEGMETHODS_TRAINING", "off", 3, "Networks are not taught on this server"),
        ("SEGMETHODS_TRAINING_MINUTES", "5", 6, "may learn for 3 to 5 minutes"),
        ("SEGMETHODS_TRAINING_MINUTES", "5", 1, "may learn for 3 to 5 minutes"),
    ],
)
def test_a_server_for_strangers_has_a_limit(
    setting: str, value: str, minutes: float, said: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, value)
    settings.cache_clear()
    with pytest.raises(SegmethodsError, match=said):
        begin(home, "one", minutes=minutes)
