"""Work in the background: it reports, ends, fails in a line, and stops when it is told."""

from __future__ import annotations

import threading

from segmethods.core.messages import ImageError, Message
from segmethods.execution.background import BackgroundJob, StopSignal


def test_work_reports_and_ends() -> None:
    gate = threading.Event()

    def work(job: BackgroundJob[int]) -> None:
        job.report(1)
        gate.wait(30)
        job.report(2)

    job = BackgroundJob(work, 0, "a test")
    assert job.is_active
    assert not job.wait(0)
    gate.set()
    assert job.wait(30)
    assert (job.progress, job.problem, job.is_over, job.is_stopped, job.is_active) == (2, None, True, False, False)
    job.stop(Message("Too late."))
    assert (job.problem, job.is_stopped) == (None, False)


def test_a_stop_ends_the_work_at_its_next_report_and_says_why() -> None:
    gate, ended = threading.Event(), []

    def work(job: BackgroundJob[int]) -> None:
        gate.wait(30)
        try:
            job.report(1)
            ended.append("normally")
        finally:
            ended.append("cleaned up")

    job = BackgroundJob(work, 0, "a test")
    job.stop(Message("Enough."))
    job.stop(Message("Really."))
    assert (job.is_active, job.is_stopped, job.is_over) == (False, True, False)
    gate.set()
    assert job.wait(30)
    assert (str(job.problem), job.progress, ended) == ("Enough.", 0, ["cleaned up"])


def test_errors_are_problems_in_a_line() -> None:
    def refuse(job: BackgroundJob[int]) -> None:
        raise ImageError("{name} is empty. Choose another file.", name="cat.png")

    def stumble(job: BackgroundJob[int]) -> None:
        raise ZeroDivisionError("a\nbug")

    refused, stumbled = BackgroundJob(refuse, 0, "a test"), BackgroundJob(stumble, 0, "a test")
    assert refused.wait(30)
    assert stumbled.wait(30)
    assert str(refused.problem) == "cat.png is empty. Choose another file."
    assert str(stumbled.problem) == "The work broke off (ZeroDivisionError: a bug). The log has the details."


def test_a_stop_signal_calls_who_listens_once_and_those_who_come_too_late() -> None:
    signal, heard = StopSignal(), []
    with signal.listening(lambda: heard.append("gone")):
        pass
    with signal.listening(lambda: heard.append("there")):
        signal.set()
    with signal.listening(lambda: heard.append("late")):
        assert signal.is_set()
    assert heard == ["there", "late"]
