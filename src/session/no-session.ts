// The session of a helper that keeps none.
import type { Session } from './open-session.js';

export const noSession: Session = {
  lastId: 0,
  jobs: [],
  damaged: [],
  ports: {},
  keepPorts: () => {},
  note: () => {},
  readMetainfo: async () => undefined,
  settled: async () => {},
  close: async () => {},
};
