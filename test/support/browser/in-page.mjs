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
