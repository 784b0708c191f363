// Texts and labels that are Streamlit's own get our words; what it said is remembered, for the way back.
const LABELS = ['aria-label', 'title', 'placeholder'];
const OURS = '.sm-cell, code, pre, [data-testid="stHtml"]';
const said = new WeakMap();
let words = {}, begins = {}, observer = null;

const translate = english => {
  const known = words[english.trim()];
  if (known) return known;
  const start = Object.keys(begins).find(text => english.startsWith(text));
  return start ? begins[start].replace('\0', english.slice(start.length)) : english;
};
const change = (node, what, now, set) => {
  if (!now) return;
  const known = said.get(node)?.[what];
  const english = known && known.ours === now ? known.english : now;
  const ours = translate(english);
  if (ours === now) return;
  said.set(node, { ...said.get(node), [what]: { english, ours } });
  set(ours);
};
const changeLabels = element => {
  for (const label of LABELS) change(element, label, element.getAttribute(label), to => element.setAttribute(label, to));
};
const changeText = node => {
  if (!node.parentElement?.closest(OURS)) change(node, 'text', node.nodeValue, to => { node.nodeValue = to; });
};
const changeAll = root => {
  if (root.nodeType === Node.TEXT_NODE) return changeText(root);
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  changeLabels(root);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    walker.currentNode.nodeType === Node.TEXT_NODE ? changeText(walker.currentNode) : changeLabels(walker.currentNode);
  }
};

export default function ({ data }) {
  ({ words, begins } = data);
  document.documentElement.lang = data.language;
  changeAll(document.body);
  observer?.disconnect();
  if (!Object.keys(words).length) return;
  observer = new MutationObserver(changes => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'childList') addedNodes.forEach(changeAll);
      else if (type === 'attributes') changeLabels(target);
      else changeText(target);
    }
  });
  observer.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: LABELS,
  });
}
