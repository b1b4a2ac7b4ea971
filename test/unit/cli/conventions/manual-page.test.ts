import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../../../package.json' with { type: 'json' };
import { commandTable } from '../../../../src/cli/arguments/command-table.js';
import { flagOf, optionTable } from '../../../../src/cli/arguments/option-table.js';
import { exitCodeTable, instructionTable } from '../../../../src/cli/arguments/told-tables.js';
import { manualPage } from '../../../../src/cli/conventions/manual-page.js';
import { exitCodes } from '../../../../src/cli/terminal.js';
import { dist } from '../../../support/helper/helper-process.js';
import { hasProgram } from '../../../support/processes/has-program.js';

const page = manualPage('1.2.3');
/** As it is read, for what is looked for in it. */
const read = page.replaceAll('\\-', '-').replaceAll('\\&', '');

describe('the manual page', () => {
  it('names every option, command, instruction and exit code', () => {
    for (const option of optionTable) expect(read).toContain(`\n.B ${flagOf(option)}\n`);
    for (const { name } of commandTable) {
      expect(read).toContain(`\n.SS bittorrent-helper ${name}`);
    }
    for (const [form] of instructionTable) {
      expect(read).toContain(`\n.B ${form.replace('…', '...')}\n`);
    }
    for (const [code] of exitCodeTable) expect(read).toContain(`\n.B ${code}\n`);
    expect(exitCodeTable.map(([code]) => code)).toEqual(Object.values(exitCodes));
    expect(read).toContain('bittorrent-helper 1.2.3');
  });

  it('has no line that is taken for a request and is none', () => {
    const requests = page.split('\n').filter((line) => /^[.']/.test(line));
    expect(requests.filter((line) => !/^\.(\\"|TH|SH|SS|TP|B|PP|nf|fi)( |$)/.test(line))).toEqual(
      [],
    );
  });

  it.skipIf(!hasProgram('man'))('is read by man without a warning', () => {
    const { stderr, status, stdout } = spawnSync(
      'man',
      ['--warnings', '--local-file', '--encoding=utf8', '-'],
      { input: page, encoding: 'utf8', env: { ...process.env, MANPAGER: 'cat', MANWIDTH: '80' } },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/--torrent-dir/);
  });

  it.skipIf(!hasProgram('mandoc'))('is read by mandoc without an error', () => {
    execFileSync('mandoc', ['-T', 'lint', '-W', 'error'], { input: page });
  });

  it('lies where npm takes it from', () => {
    const built = readFileSync(join(dist, 'man/bittorrent-helper.1'), 'utf8');
    expect(built).toBe(manualPage(packageJson.version));
    expect(packageJson.man).toEqual(['./dist/man/bittorrent-helper.1']);
  });
});
