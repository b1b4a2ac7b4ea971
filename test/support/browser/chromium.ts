// A real browser, where there is one: Debian's Chromium, driven by playwright-core, which brings none of its own. It reaches this machine
// alone.
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = [process.env.CHROMIUM, ...places].find(
  (path) => path !== undefined && existsSync(path),
);

export const hasChromium = executablePath !== undefined;

/** What a test that needs it is called, so that one that is skipped says why. */
export function needsChromium(title: string): string {
  return hasChromium ? title : `${title} (skipped: no Chromium here; CHROMIUM names one)`;
}

export function startChromium(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      // What is asked for elsewhere is refused, and seen by `openPage`.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}

export interface OpenedPage {
  readonly page: Page;
  /** What went wrong in it: what it threw, wrote to its console as an error, or asked of another server than its own. */
  readonly faults: readonly string[];
}

/** A page of 1280×800, as it is at that address. */
export async function openPage(
  browser: Browser,
  url: string,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    const asked = request.url();
    if (new URL(asked).origin !== new URL(url).origin && !asked.startsWith('data:')) {
      faults.push(`asked for ${asked}`);
    }
  });
  page.setDefaultTimeout(25_000);
  await page.goto(url);
  return { page, faults };
}
