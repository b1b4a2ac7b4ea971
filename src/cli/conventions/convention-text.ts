// What the commands write by which the rest of a system learns of this one: its shells and its manual.
import type { Shell } from '../arguments/command-table.js';
import type { CompletionCommand, ManCommand } from '../arguments/parse-arguments.js';
import { bashCompletion } from './bash-completion.js';
import { fishCompletion } from './fish-completion.js';
import { manualPage } from './manual-page.js';
import { zshCompletion } from './zsh-completion.js';

export function conventionText(command: CompletionCommand | ManCommand, version: string): string {
  return command.kind === 'man' ? manualPage(version) : completionFor(command.shell);
}

/** The script for the shell to read. */
export function completionFor(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bashCompletion();
    case 'zsh':
      return zshCompletion();
    case 'fish':
      return fishCompletion();
  }
}
