import { describe, expect, it } from 'vitest';
import { createAskedNodes } from '../../../../src/engine/peers/asked-nodes.js';
import { dialLimits } from '../../../../src/limits.js';

const { failedPortsPerAddress, failedPortsMs } = dialLimits;
const ports = Array.from({ length: 100 }, (_, index) => 1 + index);

describe('nodes of the DHT that others name', () => {
  it('are asked at a few ports of an address where nobody answers, and at others an hour later', () => {
    let nowMs = 0;
    const nodes = createAskedNodes(false, () => nowMs);
    const asked = () => ports.filter((port) => nodes.mayAsk('192.0.2.1', port));
    expect(asked()).toEqual(ports.slice(0, failedPortsPerAddress));
    expect(asked()).toEqual(ports.slice(0, failedPortsPerAddress));
    nowMs = failedPortsMs;
    expect(asked()).toHaveLength(failedPortsPerAddress);
  });

  it('are asked again where they have answered, and only where they were asked', () => {
    const nodes = createAskedNodes(false);
    nodes.mayAsk('192.0.2.1', 1);
    for (const port of ports) nodes.heardFrom('192.0.2.1', port);
    const asked = ports.filter((port) => nodes.mayAsk('192.0.2.1', port));
    expect(asked).toEqual(ports.slice(0, 1 + failedPortsPerAddress));
  });

  it('are on this machine only if the user has named nodes there', () => {
    for (const isLocal of [false, true]) {
      expect(createAskedNodes(isLocal).mayAsk('127.0.0.1', 1)).toBe(isLocal);
    }
  });

  it.each(['224.0.0.1', '0.0.0.0', '169.254.169.254', 'localhost', ''])(
    'are never asked at %j',
    (host) => expect(createAskedNodes(true).mayAsk(host, 1)).toBe(false),
  );
});
