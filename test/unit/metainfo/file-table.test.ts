import { describe, expect, it } from 'vitest';
import { encodeBencode } from '../../../src/metainfo/encode-bencode.js';
import { filesIn, tableOf } from '../../../src/metainfo/file-table.js';
import { Metainfo } from '../../../src/metainfo/metainfo.js';
import { parseInfo } from '../../../src/metainfo/parse/parse-metainfo.js';
import { file, folder, KiB } from '../../support/torrents/info-dictionary.js';

describe('a table of files', () => {
  it('holds every path, length and padding, in its order', () => {
    const files = [
      { path: ['a', 'b.bin'], lengthBytes: 3, offsetBytes: 0 },
      { path: ['.pad', '13'], lengthBytes: 13, offsetBytes: 3, isPadding: true },
      { path: ['ÿ €.txt'], lengthBytes: 2 ** 40, offsetBytes: 16 },
      { path: ['a', 'empty'], lengthBytes: 0, offsetBytes: 2 ** 40 + 16 },
    ];
    expect(filesIn(tableOf(files))).toEqual(files);
  });

  it('holds a file that lies in no folder', () => {
    const files = [{ path: [], lengthBytes: 3, offsetBytes: 0 }];
    expect(filesIn(tableOf(files))).toEqual(files);
  });

  it('is how metainfo crosses to another thread: as a few values, whatever the number of its files', () => {
    const info = encodeBencode(folder([file(['a', 'b'], 30 * KiB), file(['c'], 10 * KiB)]));
    const metainfo = parseInfo(info, [['http://t/a']], 'x');
    const data = structuredClone(metainfo);
    expect(Object.keys(data)).not.toContain('files');
    expect(new Metainfo(data).files).toEqual(metainfo.files);
    expect(new Metainfo(data)).toEqual(metainfo);
  });
});
