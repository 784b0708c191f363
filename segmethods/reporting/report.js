const root = document.documentElement.style;
const slider = document.getElementById('opacity');
const views = document.querySelectorAll('[data-view]');
let view = 'overlay';
function show() {
  root.setProperty('--opacity', view === 'photo' ? 0 : view === 'labels' ? 1 : slider.value / 100);
  root.setProperty('--photo-opacity', view === 'labels' ? 0 : 1);
  views.forEach(button => button.setAttribute('aria-pressed', button.dataset.view === view));
  slider.disabled = view !== 'overlay';
}
views.forEach(button => button.addEventListener('click', () => { view = button.dataset.view; show(); }));
slider?.addEventListener('input', show);
document.querySelectorAll('th button').forEach(button => button.addEventListener('click', () => {
  const head = button.parentElement;
  const body = head.closest('table').tBodies[0];
  const rises = head.getAttribute('aria-sort') === 'descending';
  const cell = row => row.cells[head.cellIndex].textContent.trim();
  const order = (a, b) => {
    const [x, y] = [parseFloat(cell(a)), parseFloat(cell(b))];
    if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    const less = isNaN(x) ? cell(a).localeCompare(cell(b)) : x - y;
    return rises ? less : -less;
  };
  head.parentElement.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
  head.setAttribute('aria-sort', rises ? 'ascending' : 'descending');
  body.append(...[...body.rows].sort(order));
}));
