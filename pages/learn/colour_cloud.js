// Points in a space of colours on a plain canvas, which needs no graphics card: turned by hand, with centroids that
// glide from round to round. Coordinates come in units of the box's half diagonal, with the middle of the box as zero.
const GLIDE = 250;
const KEY_STEP = Math.PI / 18;
const EYE = 5;
const KEYS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const views = {};
const states = new WeakMap();

// From a place in space to [across, down, nearness] on a canvas.
const lens = ({ turn, lift }, width, height, margin) => {
  const size = Math.min(width, height) / 2 - margin;
  const [ct, st, cl, sl] = [Math.cos(turn), Math.sin(turn), Math.cos(lift), Math.sin(lift)];
  return ([x, y, z]) => {
    const ahead = x * ct + y * st;
    const near = ahead * cl + z * sl;
    const scale = (size * EYE) / (EYE - near);
    return [width / 2 + (y * ct - x * st) * scale, height / 2 - (z * cl - ahead * sl) * scale, near];
  };
};

const line = (pen, places) => {
  pen.beginPath();
  for (const [x, y] of places) pen.lineTo(x, y);
  pen.stroke();
};

// The three faces of the box behind the points, with thin lines.
const drawWalls = (pen, at, half, far) => {
  for (const wall of [0, 1, 2])
    for (const along of [0, 1, 2].filter((axis) => axis !== wall))
      for (const part of [-1, -0.5, 0, 0.5, 1]) {
        const end = half.map((length, axis) => length * (axis === wall ? far[wall] : part));
        line(pen, [-1, 1].map((side) => at(end.with(along, side * half[along]))));
      }
};

// The name of an axis beside an edge of the box's outline, the lower or the left one, with an arrow to where it grows.
const drawName = (pen, at, half, far, axis, name, em) => {
  const [one, other] = [0, 1, 2].filter((i) => i !== axis);
  const edges = [one, other].map((near) => {
    const corner = half.map((length, i) => length * far[i] * (i === near ? -1 : 1));
    return [-1, 1].map((side) => at(corner.with(axis, side * half[axis])));
  });
  const place = ([[x, y], [u, v]]) => [(x + u) / 2, (y + v) / 2];
  const low = (edge) => place(edge)[1] - place(edge)[0];
  const edge = low(edges[0]) > low(edges[1]) ? edges[0] : edges[1];
  const [[x, y], [u, v]] = edge;
  if (Math.hypot(u - x, v - y) < 3 * em) return;
  const backwards = axis < 2 && u < x;
  const [across, down] = place(edge);
  const [middle, centre] = at([0, 0, 0]);
  pen.save();
  pen.translate(across, down);
  pen.rotate(backwards ? Math.atan2(y - v, x - u) : Math.atan2(v - y, u - x));
  const outside = (u - x) * (centre - y) - (v - y) * (middle - x) > 0 === backwards ? 1 : -1;
  pen.fillText(backwards ? `← ${name}` : `${name} →`, 0, outside * em);
  pen.restore();
};

const drawPoints = (pen, at, { points, groups, tints }, em) => {
  const seen = points.map((point, i) => [...at(point), tints[groups[i]]]).sort((a, b) => a[2] - b[2]);
  for (const [x, y, near, tint] of seen) {
    const size = em * (0.23 + 0.07 * near);
    pen.globalAlpha = 0.75 + 0.25 * near;
    pen.fillStyle = tint;
    pen.fillRect(x - size / 2, y - size / 2, size, size);
  }
  pen.globalAlpha = 1;
};

// The way of every centroid to the round, which may lie between two while they glide, and a diamond at its end.
const drawCentroids = (pen, at, { paths, colours }, round, em, ink, paper, named) => {
  const [last, next] = [Math.floor(round), Math.ceil(round)];
  const between = (path) => path[last].map((start, i) => start + (path[next][i] - start) * (round - last));
  const ways = paths.map((path) => [...path.slice(0, last + 1), between(path)].map(at));
  for (const [colour, width] of [[paper, 0.28], [ink, 0.14]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width * em;
    ways.forEach((way) => line(pen, way));
  }
  const order = ways.map((way, i) => [way.at(-1), i]).sort(([a], [b]) => a[2] - b[2]);
  for (const [[x, y, near], i] of order) {
    const size = em * (0.55 + 0.1 * near);
    pen.beginPath();
    for (const [u, v] of [[0, -1.25], [1, 0], [0, 1.25], [-1, 0]]) pen.lineTo(x + u * size, y + v * size);
    pen.closePath();
    pen.fillStyle = colours[next][i];
    pen.fill();
    pen.stroke();
    if (!named) continue;
    pen.strokeStyle = paper;
    pen.lineWidth = 0.3 * em;
    pen.strokeText(i + 1, x, y - 1.6 * em);
    pen.fillStyle = pen.strokeStyle = ink;
    pen.lineWidth = 0.14 * em;
    pen.fillText(i + 1, x, y - 1.6 * em);
  }
};

// The canvas's size and look, and a pen that draws in CSS pixels on it or on a sheet of its size.
const prepare = (canvas, sheet) => {
  const [{ width, height }, look, dense] = [canvas.getBoundingClientRect(), getComputedStyle(canvas), devicePixelRatio];
  const pen = sheet.getContext('2d');
  [sheet.width, sheet.height] = [Math.round(width * dense), Math.round(height * dense)];
  pen.scale(dense, dense);
  Object.assign(pen, { font: look.font, textAlign: 'center', textBaseline: 'middle', lineJoin: 'round' });
  return { pen, width, height, look, em: parseFloat(look.fontSize) };
};

const drawStill = (canvas, { data, view }) => {
  const sheet = document.createElement('canvas');
  const { pen, width, height, look, em } = prepare(canvas, sheet);
  const at = lens(view, width, height, 1.8 * em);
  const far = [0, 1, 2].map((axis) => (at([0, 0, 0].with(axis, 1))[2] > 0 ? -1 : 1));
  Object.assign(pen, { strokeStyle: look.borderColor, fillStyle: look.color, lineWidth: 1 });
  drawWalls(pen, at, data.half, far);
  data.names.forEach((name, axis) => drawName(pen, at, data.half, far, axis, name, em));
  drawPoints(pen, at, data, em);
  return sheet;
};

const draw = (canvas, state) => {
  const { pen, width, height, look, em } = prepare(canvas, canvas);
  pen.drawImage((state.still ??= drawStill(canvas, state)), 0, 0, width, height);
  const at = lens(state.view, width, height, 1.8 * em);
  drawCentroids(pen, at, state.data, state.round, em, look.color, look.backgroundColor, state.named);
};

// Draws at the next frame, and at those after it until the centroids have come to their round.
const glide = (canvas, state, from = state.round, since = performance.now()) => {
  cancelAnimationFrame(state.frame);
  state.frame = requestAnimationFrame((now) => {
    const part = Math.min(1, Math.max(0, (now - since) / GLIDE));
    state.round = from + (state.data.round - from) * part;
    draw(canvas, state);
    if (part < 1 && state.round !== state.data.round) glide(canvas, state, from, since);
  });
};

const show = (canvas, state) => {
  state.still = undefined;
  glide(canvas, state);
};

export default function ({ data, parentElement }) {
  const canvas = parentElement.querySelector('canvas');
  const state = states.get(canvas) ?? { frame: 0, watch: new ResizeObserver(() => show(canvas, state)) };
  states.set(canvas, state);
  if (state.data?.run !== data.run || matchMedia('(prefers-reduced-motion: reduce)').matches) state.round = data.round;
  state.data = data;
  state.view = views[data.space] ??= { turn: -0.6, lift: 0.35 };
  canvas.setAttribute('aria-label', data.label);

  const turn = (across, up) => {
    state.view.turn += across;
    state.view.lift = Math.min(1.5, Math.max(-1.5, state.view.lift + up));
    show(canvas, state);
  };
  canvas.onpointerdown = (event) => canvas.setPointerCapture(event.pointerId);
  canvas.onpointermove = (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) turn(-event.movementX / 120, event.movementY / 120);
  };
  canvas.onkeydown = (event) => {
    if (!(event.key in KEYS)) return;
    turn(...KEYS[event.key].map((step) => step * KEY_STEP));
    event.preventDefault();
  };
  canvas.onpointerenter = canvas.onpointerleave = canvas.onfocus = canvas.onblur = () => {
    state.named = canvas.matches(':hover, :focus');
    glide(canvas, state);
  };
  show(canvas, state);
  state.watch.observe(canvas);
  return () => state.watch.disconnect();
}
