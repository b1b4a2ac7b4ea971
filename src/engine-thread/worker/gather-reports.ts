// Hands over what is reported within one turn of the event loop as one message: each wakes the other thread and is unpacked
// there for itself, and with many torrents there are some at every turn.
import type { EngineReport } from '../messages.js';

export interface ReportGatherer {
  report(report: EngineReport): void;
  /** At once: there is no next turn. */
  flush(): void;
}

export function gatherReports(post: (reports: readonly EngineReport[]) => void): ReportGatherer {
  let gathered: EngineReport[] = [];
  const flush = () => {
    const reports = gathered;
    gathered = [];
    if (reports.length > 0) post(reports);
  };
  return {
    report(report) {
      if (gathered.length === 0) setImmediate(flush);
      gathered.push(report);
    },
    flush,
  };
}
