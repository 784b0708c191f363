// Tells the server at most every PAUSE milliseconds where the level is, and always where it came to rest.
const PAUSE = 80;
// For so long an answer that speaks of another level than the last one told is an old answer.
const PATIENCE = 3000;
const states = new WeakMap();

const area = (heights, from, to) => {
  if (from >= to) return '';
  const steps = heights.slice(from, to).map((h, i) => `V${(100 - 100 * h).toFixed(1)}H${from + i + 1}`);
  return `M${from},100${steps.join('')}V100Z`;
};

export default function ({ data, parentElement, setStateValue }) {
  const plot = parentElement.querySelector('.plot');
  const handle = parentElement.querySelector('.handle');
  const [low, high] = parentElement.querySelectorAll('path');
  let state = states.get(parentElement);
  if (!state) states.set(parentElement, (state = { level: data.level, held: false, told: data.level, timer: 0, since: 0 }));
  state.data = data;
  low.style.fill = data.low;
  high.style.fill = data.high;
  handle.setAttribute('aria-label', data.label);

  const show = () => {
    const { heights } = state.data;
    low.setAttribute('d', area(heights, 0, state.level + 1));
    high.setAttribute('d', area(heights, state.level + 1, 256));
    handle.style.left = `${((state.level + 1) / 256) * 100}%`;
    handle.firstElementChild.textContent = state.level;
    handle.setAttribute('aria-valuenow', state.level);
  };
  const tell = () => {
    state.timer = 0;
    if (state.told === state.level) return;
    state.told = state.level;
    state.since = Date.now();
    setStateValue('level', state.level);
    state.timer = setTimeout(tell, PAUSE);
  };
  const move = (level) => {
    state.level = Math.min(255, Math.max(0, Math.round(level)));
    show();
    if (!state.timer) tell();
  };
  const follow = (event) => {
    const place = plot.getBoundingClientRect();
    move(((event.clientX - place.left) / place.width) * 256 - 1);
  };

  plot.onpointerdown = (event) => {
    state.held = true;
    plot.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    follow(event);
    event.preventDefault();
  };
  plot.onpointermove = (event) => state.held && follow(event);
  plot.onpointerup = plot.onpointercancel = () => (state.held = false);
  handle.onkeydown = (event) => {
    const steps = {
      ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -16, PageUp: 16, Home: -255, End: 255,
    };
    if (!(event.key in steps)) return;
    move(state.level + steps[event.key]);
    event.preventDefault();
  };

  if (data.level === state.told) state.since = 0;
  if (!state.held && !state.timer && Date.now() - state.since > PATIENCE) state.told = state.level = data.level;
  show();
}
