// The inspector's page as whoever reads it has it: the tree, what is known of the actor that is looked at, and the time line.
import { onTestFinished } from 'vitest';
import { openPage, startChromium } from './chromium.js';
import { statesStepByStep } from './in-page.mjs';

export async function openInspectorPage(url: string) {
  const browser = await startChromium();
  onTestFinished(() => browser.close());
  const { page, faults } = await openPage(browser, url);
  await page.getByRole('tree').waitFor();
  const line = (name: string) => page.locator('[role=treeitem]', { hasText: name }).first();
  const states = () => page.locator('.details .now strong').allTextContents();
  return {
    page,
    faults,
    /** The line of an actor in the tree. */
    line,
    select: (name: string) => line(name).click(),
    /** Waits until the tree shows the actor in this state. */
    shows: (name: string, state: string) =>
      page
        .locator('[role=treeitem]', { hasText: name })
        .filter({ has: page.locator('.chip', { hasText: state }) })
        .first()
        .waitFor(),
    /** Where the actor that is looked at is, at this time. */
    states,
    /** All the states that it went through, from its first event to the one that is looked at: as they are shown, step by step. Then it follows again. */
    async statesSoFar(): Promise<readonly string[]> {
      const before = await page.getByLabel('the event before').elementHandle();
      const seen: readonly string[] = await page.evaluate(statesStepByStep, before);
      await page.locator('.bar .is-paused').click();
      return seen.filter((state, index) => state !== seen[index - 1]);
    },
  };
}
