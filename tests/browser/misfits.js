// What of the text on screen lies beyond the window, is cut off, or lies under other text.
// Measured by the letters' own boxes, so that a clipped chart label and a word that overflows its
// card count too. Tables scroll and keep to themselves; text that is not drawn does not count, and
// of text inside a box that scrolls only the part counts that the box shows now.
() => {
  const wide = document.documentElement.clientWidth;
  const main = document.querySelector('[data-testid="stMain"]');
  const aside = ['stDataFrame', 'stIconMaterial', 'stElementToolbar']
    .map((name) => `[data-testid="${name}"]`).join(', ');
  const clips = (overflow) => ['hidden', 'clip'].includes(overflow);
  const rolls = (overflow, whole, shown) => ['auto', 'scroll'].includes(overflow) && whole > shown;
  const shared = (one, other) => {
    const left = Math.max(one.left, other.left), top = Math.max(one.top, other.top);
    const right = Math.min(one.right, other.right), bottom = Math.min(one.bottom, other.bottom);
    return new DOMRect(left, top, Math.max(right - left, 0), Math.max(bottom - top, 0));
  };
  const found = new Set(), boxes = [];
  const say = (what, text) => found.add(`${what}: ${text.trim().slice(0, 60)}`);

  const words = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    const holder = node.parentElement, text = node.textContent;
    if (!text.trim() || holder.closest(aside)) continue;
    if (!holder.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    let box = range.getBoundingClientRect(), unseen = box.width < 2 || box.height < 2;
    for (let up = holder; up !== main && !unseen; up = up.parentElement) {
      const style = getComputedStyle(up), edge = up.getBoundingClientRect();
      if (style.display === 'inline') continue;
      // Text for screen readers sits in a box of one pixel.
      unseen = style.position === 'absolute' && edge.width <= 2 && edge.height <= 2;
      if (rolls(style.overflowX, up.scrollWidth, up.clientWidth)
          || rolls(style.overflowY, up.scrollHeight, up.clientHeight)) {
        box = shared(box, edge);
        unseen ||= box.width < 2 || box.height < 2;
      }
      if (unseen) continue;
      const frame = up.matches('svg.main-svg');
      if (frame || clips(style.overflowX)) {
        if (box.right > edge.right + 2 || box.left < edge.left - 2) say('cut off', text);
      }
      if (frame || clips(style.overflowY)) {
        if (box.bottom > edge.bottom + 4 || box.top < edge.top - 4) say('cut off below', text);
      }
    }
    if (unseen) continue;
    if (box.right > wide + 1 || box.left < -1) say('beyond the edge', text);
    boxes.push({text, box, holder});
  }

  boxes.sort((one, other) => one.box.top - other.box.top);
  boxes.forEach(({text, box, holder}, at) => {
    for (const {text: other, box: its, holder: by} of boxes.slice(at + 1)) {
      if (its.top > box.bottom - 5) break;
      const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
      const nested = holder.contains(by) || by.contains(holder);
      if (across > 3 && down > 5 && !nested) say('overlap', `${text.trim()} / ${other.trim()}`);
    }
  });
  return [...found];
}
