import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openInspector } from '../../../src/inspection/index.js';
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

  it.each<[unknown, string]>([
    [{ port: -1 }, 'the option port of openInspector: expected a number from 0 to 65535, not -1'],
    [{ port: 1.5 }, 'the option port of openInspector: expected a number from 0 to 65535, not 1.5'],
    [{ record: '' }, 'the option record of openInspector: expected the path of a file, not ""'],
    [{ onWarning: 1 }, 'the option onWarning of openInspector: expected a function, not 1'],
    [{ recrd: 'a' }, 'openInspector has no option "recrd"; expected port, record, onWarning'],
    [null, 'the options of openInspector: expected an object, not null'],
  ])('refuses %j', async (options, message) => {
    // As a program that nobody compiled hands them over.
    const opening: Promise<unknown> = Reflect.apply(openInspector, undefined, [options]);
    await expect(opening).rejects.toMatchObject({ code: 'OPTION_INVALID', message });
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
