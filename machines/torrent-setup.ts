// What a job does beside the steps of its life: as its user asks, it pauses, its content goes elsewhere or is read again, its
// trackers are asked; and as its disk refuses. When, torrent.ts says.
import { assign, enqueueActions, sendTo, setup, stopChild } from 'xstate';
import { relocationMachine } from './relocation.js';
import {
  commandFailed,
  kindOf,
  leftUnannounced,
  recorded,
  relocated,
  relocationFailure,
  type TorrentContext,
  type TorrentEvent,
  type TorrentInput,
  tagOf,
  verified,
  warning,
} from './torrent-context.js';
import { torrentSteps } from './torrent-steps.js';
import type { CheckedEvent, Failure, Outcome, RelocationOutcome, TrackerStatus } from './types.js';

export const toMonitor = ({ context }: { readonly context: TorrentContext }) =>
  context.input.monitor;

export const torrentSetup = setup({
  types: {
    input: {} as TorrentInput,
    context: {} as TorrentContext,
    events: {} as TorrentEvent,
    output: {} as Outcome,
  },
  actors: { ...torrentSteps, relocation: relocationMachine },
  guards: {
    /** What is not complete is read by joining anew; once, however often that is asked for. */
    mustJoinAnew: ({ context }) => kindOf(context) === 'download' && !context.mustVerify,
    /** Joining anew finds out what is missing. */
    mustFetchAgain: ({ context }, failure: Failure | undefined) =>
      kindOf(context) === 'download' && failure !== undefined,
  },
  actions: {
    setPaused: enqueueActions(({ context, enqueue }, isPausedByUser: boolean) => {
      if (context.isPausedByUser === isPausedByUser) return;
      enqueue.assign({ isPausedByUser, stayedPaused: false });
      enqueue.sendTo(toMonitor, recorded({ type: 'paused', id: context.input.id, isPausedByUser }));
    }),
    /** Once a reason: it is tried again and again. */
    reportRefusal: enqueueActions(({ context, enqueue }, failure: Failure) => {
      const { refusal } = context;
      enqueue.assign({ refusal: { failure, times: (refusal?.times ?? 0) + 1 } });
      if (refusal?.failure.code !== failure.code)
        enqueue.sendTo(toMonitor, warning(context, failure));
    }),
    forgetRefusals: enqueueActions(({ context, enqueue }) => {
      if (context.refusal) enqueue.assign({ refusal: undefined });
    }),
    setMove: assign({ moveTo: (_, dir: string) => ({ dir, isAsked: true }) }),
    /** Complete content is seeded while it is copied; of other the swarm lets go first. */
    relocateIfAsked: enqueueActions(({ context, enqueue, self }, isServing: boolean) => {
      const { located, moveTo, relocation, input: order } = context;
      if (!located || !moveTo || relocation) return;
      const input = { id: order.id, located, dir: moveTo.dir, isServing, job: self };
      enqueue.assign({
        relocation: ({ spawn }) => spawn('relocation', { id: 'relocation', input }),
      });
    }),
    commitRelocation: sendTo('relocation', { type: 'relocation.commit' }),
    reportRelocated: enqueueActions(({ context, enqueue }, contentPath: string) => {
      if (contentPath === context.located?.contentPath) return;
      enqueue.sendTo(toMonitor, relocated(context, contentPath));
    }),
    /** What was asked for stays so: it begins anew when the job is resumed. */
    cancelRelocation: enqueueActions(({ context, enqueue }) => {
      if (!context.relocation) return;
      enqueue(stopChild('relocation'));
      enqueue.assign({ relocation: undefined });
    }),
    /** Who asked for it is answered, even if there was nothing to do. */
    endRelocation: enqueueActions(({ context, enqueue }, ended: RelocationOutcome) => {
      if (ended.wasThere && context.moveTo?.isAsked) enqueue.sendTo(toMonitor, relocated(context));
      enqueue(stopChild('relocation'));
      enqueue.assign({ relocation: undefined, moveTo: undefined });
      if (ended.failure) enqueue.sendTo(toMonitor, relocationFailure(context, ended.failure));
    }),
    reportTracker: sendTo(toMonitor, ({ context }, tracker: TrackerStatus) => ({
      type: 'job.trackerChanged',
      id: context.input.id,
      tracker,
    })),
    setVerify: assign({ mustVerify: true }),
    /** While it is under way, or still to come, that one will do. */
    verifyComplete: enqueueActions(({ context, enqueue }) => {
      if (!context.mustVerify) enqueue.sendTo('swarm', { type: 'swarm.verify' });
      enqueue.assign({ mustVerify: true });
    }),
    verifyIfAsked: enqueueActions(({ context, enqueue }) => {
      if (context.mustVerify) enqueue.sendTo('swarm', { type: 'swarm.verify' });
    }),
    endVerify: enqueueActions(({ context, enqueue }, failure: Failure | undefined) => {
      enqueue.assign({ mustVerify: false });
      if (!context.mustVerify) return;
      const report = failure ? commandFailed(context, 'verify', failure) : verified(context);
      enqueue.sendTo(toMonitor, report);
    }),
    /** A check that was not asked for trusts what is on record. */
    endVerifyIfRead: enqueueActions(({ context, enqueue }, checked: CheckedEvent) => {
      if (!context.mustVerify || !checked.wasRead) return;
      const { verifiedBytes } = checked;
      const isRefetching = verifiedBytes < (context.located?.torrent.lengthBytes ?? 0);
      enqueue.assign({ mustVerify: false, isRefetching });
      enqueue.sendTo(toMonitor, verified(context, verifiedBytes));
    }),
    /** What it lacked after its 100 is there: no line tells of that. */
    sayWholeAgain: enqueueActions(({ context, enqueue }) => {
      if (!context.isRefetching) return;
      enqueue.assign({ isRefetching: false });
      if (context.percent === 100) enqueue.sendTo(toMonitor, verified(context));
    }),
    announceNow: enqueueActions(({ enqueue }) => {
      enqueue.assign({ isAnnouncing: true });
      enqueue.sendTo('swarm', { type: 'swarm.announce' });
    }),
    announceIfAsked: enqueueActions(({ context, enqueue }) => {
      if (context.isAnnouncing) enqueue.sendTo('swarm', { type: 'swarm.announce' });
    }),
    sayAnnounced: enqueueActions(({ context, enqueue }) => {
      if (!context.isAnnouncing) return;
      enqueue.assign({ isAnnouncing: false });
      enqueue.sendTo(toMonitor, { type: 'job.announced', job: tagOf(context) });
    }),
    failAnnounce: enqueueActions(({ context, enqueue }, failure: Failure) => {
      if (!context.isAnnouncing) return;
      enqueue.assign({ isAnnouncing: false });
      enqueue.sendTo(toMonitor, commandFailed(context, 'announce', failure));
    }),
    /** It has left its swarm. */
    dropAnnounce: enqueueActions(({ context, enqueue }) => {
      if (!context.isAnnouncing) return;
      enqueue.assign({ isAnnouncing: false });
      enqueue.sendTo(toMonitor, commandFailed(context, 'announce', leftUnannounced(context)));
    }),
  },
});
