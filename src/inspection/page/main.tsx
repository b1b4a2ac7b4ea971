// Where the page begins: what it is made of is fetched, and what it is told is let into its store.
import { render } from 'preact';
import { App } from './app.js';
import { listen } from './listen.js';
import { loadCharts } from './load-charts.js';
import { PageStore } from './store/page-store.js';

const store = new PageStore();
const root = document.getElementById('inspector');
const charts = await loadCharts();
if (root) render(<App store={store} charts={charts} />, root);
listen(store);
