"""Clips: every kind is read, every fault is one line, and the parent outlives whatever kills the decoder."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.core.messages import ImageError
from segmethods.io.video import VideoError, folder_clip, open_clip, tell_limits, write_webm
from segmethods.io.video import decoder as decoding
from tests.io.clips import cut, encode, frames, good, hostile, rate_zero, raw_avi


def test_every_kind_is_read() -> None:
    for name, data in good().items():
        clip = open_clip(data, name)
        read = list(clip.frames())
        assert clip.size == (48, 32)
        assert len(read) == clip.count == (5 if name == "a.gif" else 12)
        assert clip.rate == pytest.approx(12.5 if name == "a.gif" else 25)
        assert clip.seconds == pytest.approx(clip.count / clip.rate)
        assert np.abs(read[3].astype(int) - frames()[3]).mean() < 8


def test_a_large_frame_is_made_smaller() -> None:
    clip = open_clip(encode(".avi", "MJPG"), "a.avi", side=24)
    assert clip.size == (24, 16)
    assert clip.frame(0).shape == (16, 24, 3)


def test_the_parent_outlives_more_than_fifty_hostile_files(monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = []
    close = decoding.Decoder.close
    monkeypatch.setattr(decoding.Decoder, "close", lambda self: (deaths.append(1), close(self)))
    told = {}
    for name, data in hostile():
        try:
            clip = open_clip(data, name)
            assert clip.count > 0
            told[name] = ""
        except VideoError as error:
            told[name] = str(error)
            assert name in told[name]
            assert "\n" not in told[name]
            assert "{" not in told[name]
    assert len(told) >= 50
    assert sum(map(bool, told.values())) >= 30
    assert deaths, "no file killed the decoder, so nothing was shown"
    assert open_clip(encode(".avi", "MJPG"), "after.avi").count == 12


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (lambda: rate_zero(encode(".avi", "MJPG")), "declares 0 frames a second"),
        (lambda: raw_avi(declared=1_000_000), "has 1000000 frames; at most"),
        (lambda: raw_avi(rate=1, count=1, declared=600), "lasts 600 seconds; at most"),
        (lambda: encode(".mp4", "mp4v").replace(b"vide", b"soun"), "no moving picture"),
        (lambda: cut(encode(".avi", "MJPG"), 0.8), "cut short: it ends after"),
        (lambda: b"#EXTM3U\nfile:///etc/hostname", "is no video that is read here"),
        (lambda: b"", "has no frame"),
    ],
)
def test_each_fault_has_its_line(data, says: str) -> None:
    with pytest.raises(VideoError, match=says):
        open_clip(data(), "clip.avi")


def test_too_many_bytes_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    file = tmp_path / "long.mp4"
    with file.open("wb") as out:
        out.truncate(60_000_000)
    with pytest.raises(VideoError, match="60 MB; at most 50"):
        open_clip(file)
    assert "50 MB" in str(tell_limits())


def test_a_folder_of_frames_is_a_clip_until_its_frames_change_their_size(tmp_path: Path) -> None:
    for i, frame in enumerate(frames(3)):
        Image.fromarray(frame).save(tmp_path / f"{i:03}.png")
    assert len(list(folder_clip(tmp_path, "cam").frames())) == 3
    Image.fromarray(frames(1, 50, 32)[0]).save(tmp_path / "003.png")
    with pytest.raises(VideoError, match="cam changes its size at frame 4, from 48 × 32 to 50 × 32"):
        folder_clip(tmp_path, "cam")


def test_a_damaged_frame_of_a_folder_is_left_out_and_named(tmp_path: Path) -> None:
    for i, frame in enumerate(frames(3)):
        Image.fromarray(frame).save(tmp_path / f"{i:03}.png")
    for damaged, left in ((1, 2), (0, 1)):
        (tmp_path / f"{damaged:03}.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
        clip = folder_clip(tmp_path)
        assert clip.count == len(list(clip.frames())) == len(clip.files) == left
    assert clip.left_out == ("000.png", "001.png")
    assert np.array_equal(clip.frame(0), frames(3)[2])
    (tmp_path / "002.png").write_bytes(b"")
    with pytest.raises(ImageError, match=r"000\.png"):
        folder_clip(tmp_path)


def test_a_reader_that_stops_early_leaves_nothing_behind_for_the_next() -> None:
    clip = open_clip(encode(".avi", "MJPG"), "a.avi")
    assert next(iter(clip.frames())).shape == (32, 48, 3)
    assert len(list(clip.frames())) == 12


def test_webm_plays_in_browsers_and_loses_odd_rows() -> None:
    data = write_webm(frames(4, 47, 31), 10)
    assert data[:4] == b"\x1aE\xdf\xa3"
    assert b"V_VP8" in data
    assert open_clip(data, "odd.webm").size == (46, 30)
    with pytest.raises(ImageError, match="no frames"):
        write_webm([], 25)
