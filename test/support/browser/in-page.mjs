// What runs within the inspector's page: each function is sent there as it stands, and knows nothing but what it is given.

/** Presses the button that goes one event back, until it can no more; what states were shown at each, the first first. */
export async function statesStepByStep(button) {
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const shown = () =>
    [...document.querySelectorAll('.details .now strong')].map((each) => each.textContent).join();
  const found = [shown()];
  while (!button.disabled) {
    button.click();
    await drawn();
    found.unshift(shown());
  }
  return found;
}

/** Which texts of the chart lie one on the other; `count`: how many there are to be seen. */
export function overlapsOfChart() {
  const texts = [...document.querySelectorAll('.chart-svg text')]
    .filter((text) => text.checkVisibility())
    .map((text) => ({ what: text.textContent, box: text.getBoundingClientRect() }));
  const pairs = texts.flatMap((one, index) =>
    texts.slice(index + 1).flatMap(({ what, box }) => {
      const width = Math.min(one.box.right, box.right) - Math.max(one.box.left, box.left);
      const height = Math.min(one.box.bottom, box.bottom) - Math.max(one.box.top, box.top);
      // Lines of one label stand as close as letters do.
      const isApart = width <= 0 || height <= 0.3 * Math.min(one.box.height, box.height);
      return isApart ? [] : [`${one.what} | ${what}`];
    }),
  );
  return { count: texts.length, pairs };
}

/** How long the page was busy at a stretch, in ms, while it was scrolled to its end and back. */
export async function longestFrameOfScrolling(list) {
  const drawn = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let longestMs = 0;
  let mostLines = 0;
  const step = Math.ceil(list.scrollHeight / 60);
  for (let top = 0; top <= list.scrollHeight; top += step) {
    const beganMs = performance.now();
    list.scrollTop = top;
    await drawn();
    await drawn();
    longestMs = Math.max(longestMs, performance.now() - beganMs);
    mostLines = Math.max(mostLines, list.querySelectorAll('[role=treeitem]').length);
  }
  return { longestMs, mostLines };
}
