"""Clips: files of moving images and folders of frames become frames, and frames become WebM for a browser.

`open_clip` reads, `write_webm` writes. Files are decoded in a child process: OpenCV's decoder aborts the whole process
on some harmless files, and what it is given comes from strangers.
"""

from segmethods.io.video.clips import Clip, VideoError, arrays_clip, folder_clip, open_clip, tell_limits
from segmethods.io.video.writing import write_webm

__all__ = ["Clip", "VideoError", "arrays_clip", "folder_clip", "open_clip", "tell_limits", "write_webm"]
