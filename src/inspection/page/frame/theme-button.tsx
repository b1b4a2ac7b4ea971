// Light, dark, or as the system has it.
import { storedChoice, useStoredChoice } from './stored-choice.js';

const themes = ['light', 'dark'];

/** As it was chosen once; before anything is drawn, so that nothing flashes. */
export function showStoredTheme(): void {
  showTheme(storedChoice('theme'));
}

export function ThemeButton() {
  const [chosen, choose] = useStoredChoice('theme');
  // After the last of them comes none, which is as the system has it.
  const next = themes[chosen === undefined ? 0 : themes.indexOf(chosen) + 1];
  return (
    <button
      type="button"
      title={`colours: ${chosen ?? 'as the system has them'}; change to ${next ?? 'those of the system'}`}
      onClick={() => {
        showTheme(next);
        choose(next);
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" />
        <path d="M8 2a6 6 0 0 1 0 12z" class="is-full" />
      </svg>
      {chosen ?? 'auto'}
    </button>
  );
}

function showTheme(theme: string | undefined): void {
  const { dataset } = document.documentElement;
  if (theme !== undefined && themes.includes(theme)) dataset.theme = theme;
  else delete dataset.theme;
}
