import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type OpenInspectorOptions, openInspector } from '../../../src/inspection/index.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { file, helper } from '../../support/helper/library-setup.js';
import { openPage, recordsTold } from '../../support/inspection/page-connection.js';

describe('the inspector of the library', () => {
  it('shows what a helper’s machines do, the engine’s too, and the swarms of its jobs, and writes it down', async () => {
    const record = join(await scratchFolder(), 'life');
    const inspector = await openInspector({ record });
    onTestFinished(() => inspector.close());
    const running = await helper({ inspect: inspector.inspect });
    inspector.watch(running);
    const page = await openPage(`${inspector.url}events`);
    await running.seed((await file()).path).published;
    const swarm = await openPage(`${inspector.url}swarms/1`);
    await swarm.until((message) => JSON.stringify(message).includes('seeding'));
    await running.close();
    await swarm.ended;
    await inspector.close();
    await page.ended;
    const records = recordsTold(page.told);
    const machines = records.flatMap((each) => (each.type === 'actor' ? [each.machine] : []));
    expect(machines).toEqual(
      expect.arrayContaining(['engine', 'supervisor', 'monitor', 'torrent']),
    );
    const last = records.at(-1);
    const recorded = await readFile(record, 'utf8');
    expect(recorded.split('\n').slice(0, 1)).toEqual([expect.stringContaining('"recording"')]);
    expect(recorded).toContain(`"seq":${last?.seq},`);
  });

  it.each<[OpenInspectorOptions, string]>([
    [{ port: -1 }, 'port -1: expected a number from 0 to 65535'],
    [{ port: 1.5 }, 'port 1.5: expected a number from 0 to 65535'],
    [{ record: '' }, 'record : expected the path of a file'],
  ])('refuses %j', async (options, message) => {
    await expect(openInspector(options)).rejects.toMatchObject({ code: 'OPTION_INVALID', message });
  });

  it('leaves nothing open where it cannot be opened', async () => {
    const { url, close } = await openInspector();
    await close();
    const port = Number(new URL(url).port);
    const record = join(await scratchFolder(), 'none/at/all');
    await expect(openInspector({ port, record })).rejects.toMatchObject({
      code: 'RECORDING_UNWRITABLE',
    });
    await (await openInspector({ port })).close();
  });
});
