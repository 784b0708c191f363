"""How soon the lessons answer: ``python -m tests.bench.lessons``, or ``python -m tests.bench.lessons kmeans fcn``.

Starts the dashboard, opens each lesson in Chromium with a picture of 0.25 megapixels, and moves every control that its
page shows, a few times, mostly to where it has not stood before. A row for each control, with medians and the worst:

- seen: milliseconds from the key or the click until the last change has come that is on the screen of 1280 x 900;
- drawn: until all of the page has come, what lies below the screen as well, and no script runs any more;
- server: milliseconds that the server and its workers spent on it, all cores together, which can be trusted on a busy
  machine as well;
- browser: the same of Chromium, which draws without a graphics card here;
- kB: what the server sent.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import psutil
from playwright.sync_api import Browser, Locator, Page, WebSocket, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

from pages.learn.spec import Lesson
from pages.ui.menu import list_lessons
from segmethods.classroom import dump_exercise, make_exercise
from segmethods.core.registry import Parameter
from segmethods.methods import get_method
from tests.bench.methods import machine
from tests.browser.chromium import ADVICE, find_chromium
from tests.browser.conftest import ARGUMENTS, PATIENCE
from tests.browser.server import dashboard
from tests.browser.test_network_lessons import settle
from tests.tables import table
from tests.waiting import wait_until

IMAGE = "astronaut"
"""512 × 512 pixels, with a truth."""

NETWORKS = ("segmentation", "patch_cnn", "fcn", "segnet", "deeplab", "ensemble", "quiz")
"""Lessons that ask networks."""

LIMIT, LIMIT_OF_NETWORKS = 300, 1000
"""Milliseconds in which a control should be answered."""

LISTENER = """window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', () => window.dispatchEvent(new Event('answer')));
  }
}"""
"""Tells the page of everything that comes from the server, before the page has made anything of it."""

STOPWATCH = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const shadows = [...document.querySelectorAll('*')].map(element => element.shadowRoot).filter(root => root);
  const quiet = 250, patience = 30000;
  window.stopwatch = new Promise((resolve, reject) => {
    const missing = () => ran ? 'the page did not come to rest' : 'the server was not asked';
    setTimeout(() => reject(Error(missing())), patience);
    let begun = 0, seen = 0, ended = 0, ran = false, timer;
    const stopped = () => app.dataset.testScriptState === 'notRunning';
    const isOnScreen = node => {
      const {top, bottom} = (node.getBoundingClientRect ? node : node.parentElement).getBoundingClientRect();
      return bottom > 0 && top < window.innerHeight;
    };
    const comes = ({type, target, addedNodes}) => (type === 'childList' ? [...addedNodes] : [target]).some(isOnScreen);
    const finish = () => stopped() && resolve([(seen || ended) - begun, ended - begun]);
    const note = changes => {
      if (!ran) return;
      ended = performance.now();
      if (changes.some(comes)) seen = ended;
      clearTimeout(timer);
      timer = setTimeout(finish, quiet);
    };
    window.addEventListener('answer', () => { ran ||= begun > 0; note([]); });
    for (const kind of ['keydown', 'click'])
      window.addEventListener(kind, event => { if (!ran) begun = event.timeStamp; }, {capture: true});
    new MutationObserver(() => note([])).observe(app, {attributeFilter: ['data-test-script-state']});
    const drawing = {childList: true, characterData: true, subtree: true, attributeFilter: ['src', 'd', 'transform']};
    for (const place of [document.querySelector('[data-testid=stMain]'), ...shadows])
      new MutationObserver(note).observe(place, drawing);
  });
}"""
"""Begins with the last key or click before the server answers, ends when nothing has changed for a while.

That a script runs is told by the server's answer: the page itself may never say so, since it draws a run that begins
and ends while it is busy only once.
"""

Moves = Iterator[Callable[[], object]]


@dataclass
class Answers:
    """What the moves of a control took, in milliseconds, and the kB that came."""

    seen: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)

    def row(self) -> list[str]:
        values = [pick(series) for series in (self.seen, self.drawn) for pick in (median, max)]
        return [f"{value:.0f}" for value in (*values, *map(median, (self.server, self.browser, self.received)))]


@dataclass
class Desk:
    """A lesson in the browser, and the processes that it comes from and that draw it."""

    lesson: Lesson
    page: Page
    server: psutil.Process
    browser: psutil.Process
    received: int = 0
    answers: dict[str, Answers] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("websocket", self._listen)
        self.page.add_init_script(LISTENER)

    def open(self, url: str) -> None:
        self.page.goto(f"{url}/{self.lesson.id}?picture={IMAGE}&lang=en")
        settle(self.page)

    def time(self, name: str, moves: Moves) -> None:
        """Make moves and note what each took until the page stood still."""
        for move in moves:
            self.page.evaluate(STOPWATCH)
            before = self._spent()
            move()
            answers = self.answers.setdefault(name, Answers())
            seen, drawn = self.page.evaluate("window.stopwatch")
            answers.seen.append(seen)
            answers.drawn.append(drawn)
            server, browser, received = (now - then for now, then in zip(self._spent(), before, strict=True))
            answers.server.append(1000 * server)
            answers.browser.append(1000 * browser)
            answers.received.append(received / 1000)
            settle(self.page)

    def widget(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key.replace('.', '-')}")

    def _spent(self) -> tuple[float, float, int]:
        return processor_time(self.server), processor_time(self.browser), self.received

    def _listen(self, socket: WebSocket) -> None:
        def count(data: str | bytes) -> None:
            self.received += len(data)

        socket.on("framereceived", count)


def processor_time(server: psutil.Process) -> float:
    """Seconds that a process and those that it started have spent."""
    spent = 0.0
    for process in (server, *server.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent += times.user + times.system
    return spent


def rest(server: psutil.Process) -> None:
    """Wait until the server does nothing any more, such as trying its methods for the first time."""
    spent = [processor_time(server)]

    def is_idle() -> bool:
        time.sleep(1)
        spent.append(processor_time(server))
        return spent[-1] - spent[-2] < 0.05

    wait_until(is_idle, 300, "the server to rest")


def moves_of(desk: Desk, key: str, parameter: Parameter, count: int) -> Moves:
    """Moves of the widget of a parameter; none if the page doesn't show it now."""
    widget = desk.widget(key)
    if not widget.is_visible():
        return
    match parameter.kind:
        case "int" | "float" if (box := widget.locator("input")).get_attribute("type") == "range":
            low, high, step, value = (float(box.evaluate(f"e => e.{name}")) for name in SCALE)
            below, above = round((value - low) / step), round((high - value) / step)
            key = "ArrowRight" if above >= below else "ArrowLeft"
            yield from [partial(box.press, key)] * min(count, max(below, above))
        case "int" | "float":
            value = int(box.input_value())
            yield from (partial(fill, box, value + 40 * i) for i in range(1, count + 1))
        case "bool":
            yield from [widget.locator("label").click] * count
        case "choices":
            pills = widget.get_by_role("toolbar").locator("button")
            yield from (pills.nth(i // 2).click for i in range(min(count, 2 * pills.count())))  # off, and on again
        case _:
            above = parameter.options.index(parameter.default)
            below = len(parameter.options) - 1 - above
            key = "ArrowDown" if below >= above else "ArrowUp"
            yield from [partial(choose, widget.locator("input"), key)] * min(count, max(below, above))


SCALE = ("min", "max", "step", "value")


def fill(number: Locator, value: int) -> None:
    number.fill(str(value))
    number.press("Enter")


def choose(box: Locator, key: str) -> None:
    """Take the option below or above the one that is chosen; a list that a drawing has closed is opened again."""
    options = box.page.get_by_role("option")
    while True:
        box.press(key)
        try:
            options.first.wait_for(timeout=5000)
        except TookTooLong:
            continue
        return box.press("Enter")


def measure(desk: Desk, count: int) -> None:
    """Move all controls of a lesson, and what it has beside them."""
    ident = desk.lesson.id
    if ident == "exercise":
        return _measure_exercise(desk, count)
    for control in desk.lesson.controls:
        desk.time(control.name, moves_of(desk, f"learn.{ident}.{control.name}", control, count))
    if ident == "threshold":
        handle = desk.page.get_by_role("slider", name="Level", exact=True).first
        desk.time("level, dragged", iter([partial(handle.press, "ArrowRight")] * count))
    if ident == "kmeans":
        desk.time("one round more", iter([desk.widget("round.next").get_by_role("button").click] * count))
    if ident in ("patch_cnn", "segnet", "deeplab"):
        frame = desk.page.locator("[data-testid=stBidiComponentIsolated] .frame")
        places = [{"x": 40 + 30 * i, "y": 60 + 20 * i} for i in range(count)]
        desk.time("a click", (partial(frame.click, position=place) for place in places))
    if ident == "quiz":
        choices = desk.page.get_by_role("radio", name="K-means").locator("xpath=ancestor::label")
        desk.time("a guess", iter([choices.click, desk.widget("quiz.lock").get_by_role("button").click]))
    return None


def _measure_exercise(desk: Desk, count: int) -> None:
    """The student's side, with two methods to work with."""
    exercise = make_exercise(sample=IMAGE, methods=("threshold", "kmeans"))
    file = {"name": "exercise.json", "mimeType": "application/json", "buffer": dump_exercise(exercise)}
    desk.widget("exercise.file").locator("input[type=file]").set_input_files(file)
    desk.page.get_by_text("Your result").wait_for()
    settle(desk.page)
    short = exercise.digest[:8]
    methods = desk.widget(f"exercise.method.{short}").locator("label")
    for number, ident in enumerate(exercise.methods):
        if number:
            desk.time("method", iter([methods.nth(number + 1).click]))
        for parameter in get_method(ident).parameters:
            moves = moves_of(desk, f"exercise.{short}.{ident}.{parameter.name}", parameter, count)
            desk.time(f"{ident}: {parameter.name}", moves)


def timed(lessons: Sequence[Lesson], count: int) -> Iterator[tuple[Lesson, dict[str, Answers]]]:
    """Each lesson with the answers of its controls, as soon as it is done."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(ADVICE)
    with dashboard() as url, sync_playwright() as playwright:
        started = psutil.Process().children()
        server, driver = (next(p for p in started if word in " ".join(p.cmdline())) for word in ("streamlit", "driver"))
        for lesson in lessons:
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            desk = Desk(lesson, _new_page(browser), server, driver)
            desk.open(url)
            rest(server)
            measure(desk, count)
            browser.close()
            yield lesson, desk.answers


def rows(lesson: Lesson, answers: Mapping[str, Answers], brief: bool) -> list[list[str]]:
    """A row for each control of a lesson, or one for them all."""
    limit = LIMIT_OF_NETWORKS if lesson.id in NETWORKS else LIMIT
    if not brief:
        return [[lesson.id, name, *each.row(), str(limit)] for name, each in answers.items()]
    slowest = max(answers, key=lambda name: median(answers[name].seen))
    seen, drawn = ([median(getattr(each, part)) for each in answers.values()] for part in ("seen", "drawn"))
    values = (median(seen), max(seen), median(drawn), max(drawn))
    return [[lesson.id, str(len(answers)), *(f"{value:.0f}" for value in values), slowest, str(limit)]]


def _new_page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")


def main() -> None:
    known: dict[str, Lesson] = {
        place.address: importlib.import_module(f"pages.learn.lessons.{place.address}").LESSON
        for place in list_lessons()
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help=", ".join(known))
    parser.add_argument("--moves", type=int, default=4, help="how often each control is moved")
    parser.add_argument("--brief", action="store_true", help="a row a lesson: the median of its controls' medians")
    args = parser.parse_args()
    print(f"Milliseconds of {args.moves} moves each, {datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    head = ("lesson", "control", "seen", "worst", "drawn", "worst", "server", "browser", "kB", "limit")
    align = "llrrrrrrrr"
    if args.brief:
        head, align = ("lesson", "controls", "seen", "at most", "drawn", "at most", "slowest", "limit"), "lrrrrrlr"
    print(table(head, [], align), flush=True)
    for lesson, answers in timed([known[ident] for ident in args.lessons or known], args.moves):
        for row in rows(lesson, answers, args.brief):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
