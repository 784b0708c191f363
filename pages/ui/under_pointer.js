// A mask is an index PNG, so the colour of a pixel tells its class; clear is the background.
const masks = new WeakMap();
const read = mask => {
  if (!mask.complete || !mask.naturalWidth) return null;
  if (!masks.has(mask)) {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [mask.naturalWidth, mask.naturalHeight];
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    pen.drawImage(mask, 0, 0);
    masks.set(mask, pen);
  }
  return masks.get(mask);
};
const colourAt = (mask, x, y) => {
  const box = mask.parentElement.getBoundingClientRect();
  const scale = Math.min(box.width / mask.naturalWidth, box.height / mask.naturalHeight);
  const column = (x - box.left - (box.width - mask.naturalWidth * scale) / 2) / scale;
  const row = (y - box.top - (box.height - mask.naturalHeight * scale) / 2) / scale;
  if (column < 0 || row < 0 || column >= mask.naturalWidth || row >= mask.naturalHeight) return null;
  const [red, green, blue, alpha] = read(mask).getImageData(column, row, 1, 1).data;
  return alpha ? `#${[red, green, blue].map(c => c.toString(16).padStart(2, '0')).join('')}` : '';
};

const label = document.createElement('div');
label.className = 'sm-under';
label.setAttribute('aria-hidden', 'true');
const hide = () => label.remove();
const show = event => {
  const shown = event.target.closest?.('.sm-picture[data-names]');
  const mask = shown?.querySelector('.sm-layer-mask');
  if (!mask || !read(mask)) return hide();
  const name = JSON.parse(shown.dataset.names)[colourAt(mask, event.clientX, event.clientY)];
  if (!name) return hide();
  const place = shown.closest('dialog') ?? document.body;
  label.textContent = name;
  if (label.parentElement !== place) place.append(label);
  const left = Math.min(event.clientX + 14, innerWidth - label.offsetWidth - 4);
  const above = event.clientY - label.offsetHeight - 12;
  label.style.transform = `translate(${left}px, ${above < 0 ? event.clientY + 18 : above}px)`;
};
document.addEventListener('pointermove', show);
document.addEventListener('pointerdown', show);
document.addEventListener('pointerleave', hide);
document.addEventListener('scroll', hide, true);
export default function () {}
