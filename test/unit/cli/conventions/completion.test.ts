import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable, optionsOf, shells } from '../../../../src/cli/arguments/command-table.js';
import { optionTable } from '../../../../src/cli/arguments/option-table.js';
import { completionFor } from '../../../../src/cli/conventions/convention-text.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { hasProgram } from '../../../support/processes/has-program.js';

const flags = (options: readonly { readonly name: string }[]) =>
  [...options.map(({ name }) => name), 'help', 'version'].map((name) => `--${name}`);

/** What bash offers for the last word; `=` and `:` are words there. */
function byBash(...words: string[]): string[] {
  const script = `${completionFor('bash')}
    compopt() { :; }
    COMP_WORDS=(bittorrent-helper "$@") COMP_CWORD=$# COMPREPLY=()
    _bittorrent_helper
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return said.split('\n').filter((line) => line !== '');
}

/** What fish offers at the end of a line. */
function byFish(line: string): string[] {
  const script = `${completionFor('fish')}\ncomplete -C ${JSON.stringify(line)}`;
  const said = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' });
  return said
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => each.split('\t')[0] ?? '');
}

describe.each(shells)('the completion for %s', (shell) => {
  it.skipIf(!hasProgram(shell))('can be read by it', async () => {
    const file = join(await scratchFolder(), 'script');
    await writeFile(file, completionFor(shell));
    execFileSync(shell, ['-n', file]);
  });

  it('knows every option and every command', () => {
    const script = completionFor(shell);
    for (const { name } of optionTable) {
      expect(script).toContain(shell === 'fish' ? ` -l ${name} ` : `--${name}`);
    }
    for (const { name } of commandTable) expect(script).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe.skipIf(!hasProgram('bash'))('bash', () => {
  it.each<[string[], string[]]>([
    [['pa'], ['pause:']],
    [['ma'], ['magnet:', 'make', 'man']],
    [['file', ':', 'a', 'ma'], ['magnet:']],
    [
      ['--on-eof', 's'],
      ['stop', 'seed'],
    ],
    [['--on-eof', '=', 'f'], ['finish']],
    [
      ['--on-eof', '='],
      ['finish', 'stop', 'seed'],
    ],
    [['completion', 'z'], ['zsh']],
    [['--session', 'make', '--max'], ['--max-active']],
    [['--max-active', ''], []],
    [['file', ':', ''], []],
  ])('offers for %j: %j', (words, offered) => {
    expect(byBash(...words)).toEqual(offered);
  });

  it.each(commandTable)('offers the options of $name alone behind it', (command) => {
    expect(byBash(command.name, '--')).toEqual(flags(optionsOf(command)));
  });

  it('offers folders where one is wanted', () => {
    expect(byBash('--torrent-dir', '/us')).toContain('/usr');
    expect(byBash('--torrent-dir', '/etc/passw')).toEqual([]);
  });
});

describe.skipIf(!hasProgram('fish'))('fish', () => {
  it('offers the options of a command alone behind it, and values that are known', () => {
    const [make] = commandTable;
    if (make) {
      expect(byFish('bittorrent-helper make --').toSorted()).toEqual(
        flags(optionsOf(make)).toSorted(),
      );
    }
    expect(byFish('bittorrent-helper --on-eof s').toSorted()).toEqual(['seed', 'stop']);
    expect(byFish('bittorrent-helper file:/etc/passw')).toContain('file:/etc/passwd');
  });
});
