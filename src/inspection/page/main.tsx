// Where the page begins: what it is made of is fetched, and what it is told is let into its store.
import { render } from 'preact';
import { App } from './app.js';
import { showStoredTheme } from './frame/theme-button.js';
import { listen } from './listen.js';
import { loadCharts } from './load-charts.js';
import { PageStore } from './store/page-store.js';

/** Of the package; written in when the page is built. */
declare const HELPER_VERSION: string;

showStoredTheme();
const store = new PageStore();
const root = document.getElementById('inspector');
const charts = await loadCharts();
if (root) render(<App store={store} charts={charts} version={HELPER_VERSION} />, root);
listen(store);
