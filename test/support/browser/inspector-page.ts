// The inspector's page as whoever reads it has it: the tree, what is known of the actor that is looked at, its chart.
import type { Browser } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { openPage } from './chromium.js';
import { overlapsOfChart, statesStepByStep } from './in-page.mjs';

export async function openInspectorPage(browser: Browser, url: string) {
  const { page, faults } = await openPage(browser, url);
  onTestFinished(() => page.close());
  await page.getByRole('tree').waitFor();
  const line = (name: string) =>
    page.getByRole('treeitem').filter({ has: page.getByText(name, { exact: true }) });
  return {
    page,
    faults,
    select: (name: string) => line(name).first().click(),
    /** Waits until the tree shows the actor in this state. */
    shows: (name: string, state: string) =>
      line(name)
        .filter({ has: page.locator('.chip', { hasText: state }) })
        .first()
        .waitFor(),
    /** All the states that it went through, as they are shown step by step. Then the page follows what is new again. */
    async statesSoFar(): Promise<readonly string[]> {
      const before = await page.getByLabel('the event before').elementHandle();
      const seen: readonly string[] = await page.evaluate(statesStepByStep, before);
      await page.locator('.bar .is-paused').click();
      return seen.filter((state, index) => state !== seen[index - 1]);
    },
    /** Texts of its chart that lie one on the other, seen whole and from near. */
    async overlaps(): Promise<{ readonly count: number; readonly pairs: readonly string[] }> {
      await page.getByRole('button', { name: 'all', exact: true }).click();
      const whole = await page.evaluate(overlapsOfChart);
      for (let times = 0; times < 8; times += 1) {
        await page.locator('.chart').press('+');
      }
      const near = await page.evaluate(overlapsOfChart);
      return { count: near.count, pairs: [...whole.pairs, ...near.pairs] };
    },
  };
}

export type InspectorPage = Awaited<ReturnType<typeof openInspectorPage>>;
