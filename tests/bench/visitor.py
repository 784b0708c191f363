"""A visitor without a browser: speaks what the browser speaks, so that a hundred of them fit beside the server."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Self

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

WIDGETS = ("slider", "file_uploader", "button_group", "selectbox", "radio")
FINISHED_EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN
PARTS = (FINISHED_EARLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
BOUNDARY = "segmethods"


@dataclass
class Visitor:
    """One session.

    Parameters
    ----------
    url : str
        The dashboard's address.
    patience : float
        Seconds that it waits for an answer.
    """

    url: str
    patience: float = 180
    widgets: dict[str, Any] = field(default_factory=dict)
    """Label -> what the page drew."""
    problems: list[str] = field(default_factory=list)
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _session = _page = ""
    cookie: str = ""
    """What the server knows this visitor by."""
    told: str = ""
    """All HTML of the last run."""
    messages: int = 0
    """How many messages the last run sent before its end."""
    _before: dict[str, Any] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        cookie = await asyncio.to_thread(self._first_cookie)
        self.cookie = cookie.partition("_streamlit_xsrf=")[2].partition(";")[0]
        self._socket = await websockets.connect(
            f"{self.url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit"), websockets.Subprotocol(self.cookie)],
            additional_headers={"Cookie": f"_streamlit_xsrf={self.cookie}"},
            origin=websockets.Origin(self.url),
            max_size=2**28,
            open_timeout=self.patience,
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._socket.close()

    async def run(self, query: str = "") -> float:
        """Have the page run with the widgets as they are; the seconds until it has finished."""
        begun, self.messages = await self.start(query), 0
        while True:
            message = await self._receive()
            self.messages += 1
            self._note(message)
            if message.WhichOneof("type") == "script_finished" and message.script_finished != FINISHED_EARLY:
                return time.perf_counter() - begun

    async def start(self, query: str = "") -> float:
        """Have the page run, without waiting for it; when that was."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_script_hash = self._page
        asked.rerun_script.widget_states.widgets.extend(self._states.values())
        asked.rerun_script.context_info.timezone = "UTC"
        asked.rerun_script.context_info.locale = "en"
        begun = time.perf_counter()
        await self._socket.send(asked.SerializeToString())
        return begun

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a segmented control."""
        self._state(label).string_array_value.data[:] = [option]

    def slide(self, label: str, value: float) -> None:
        """Move a slider."""
        self._state(label).double_array_value.data[:] = [value]

    def open(self, label: str) -> None:
        """Open what is folded."""
        self._state(label).bool_value = True

    async def upload(self, label: str, name: str, content: bytes) -> None:
        """Put a file into an uploader; the page sees it in the next `run`."""
        place = await self.ask_for_place(name)
        await asyncio.to_thread(self._put, place.upload_url, name, content)
        info = self._state(label).file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = place.file_id, name, len(content)
        info.file_urls.CopyFrom(place)

    async def ask_for_place(self, name: str) -> FileURLs:
        """Where a file is to be sent."""
        asked = BackMsg()
        asked.file_urls_request.request_id = str(time.monotonic_ns())
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self._session
        await self._socket.send(asked.SerializeToString())
        while (message := await self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        return message.file_urls_response.file_urls[0]

    def _state(self, label: str) -> WidgetState:
        known = self.widgets[label].id
        return self._states.setdefault(known, WidgetState(id=known))

    async def _receive(self) -> ForwardMsg:
        data = await asyncio.wait_for(self._socket.recv(), self.patience)
        message = ForwardMsg()
        message.ParseFromString(data)
        return message

    def _note(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._session = message.new_session.initialize.session_id or self._session
                self._page, self.told = message.new_session.page_script_hash, ""
                self._before, self.widgets = self.widgets, {}
            case "script_finished" if message.script_finished in PARTS:  # the rest of the page stays as it was
                self.widgets = {**self._before, **self.widgets}
            case "delta" if message.delta.WhichOneof("type") == "add_block":
                folded = message.delta.add_block.expandable
                if folded.id:
                    self.widgets[folded.label] = folded
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                kind = element.WhichOneof("type")
                if kind in WIDGETS:
                    drawn = getattr(element, kind)
                    self.widgets[drawn.label] = drawn
                elif kind == "html":
                    self.told += element.html.body
                elif kind == "exception":
                    self.problems.append(f"{element.exception.type}: {element.exception.message}")

    def _first_cookie(self) -> str:
        with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=self.patience) as answer:
            return str(answer.headers["set-cookie"] or "")

    def _put(self, place: str, name: str, content: bytes) -> None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        request = urllib.request.Request(
            f"{self.url}{place}",
            method="PUT",
            data=head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode(),
            headers={
                "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
                "Cookie": f"_streamlit_xsrf={self.cookie}",
                "X-Xsrftoken": self.cookie,
            },
        )
        with urllib.request.urlopen(request, timeout=self.patience):
            pass
