import { describe, expect, it } from 'vitest';
import { encodeBencode } from '../../../src/metainfo/encode-bencode.js';
import { countNames, filesIn, tableOf } from '../../../src/metainfo/file-table.js';
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

  it('tells how many names its files have without making any of them', () => {
    const files = [
      { path: ['a', 'b', 'c.bin'], lengthBytes: 3, offsetBytes: 0 },
      { path: ['d'], lengthBytes: 13, offsetBytes: 3 },
    ];
    expect(countNames(tableOf(files))).toBe(4);
    expect(countNames(tableOf([]))).toBe(0);
    expect(countNames(tableOf([{ path: [], lengthBytes: 3, offsetBytes: 0 }]))).toBe(1);
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
