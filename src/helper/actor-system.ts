// The one place that joins the machines and what they need done.
import { createActor, enqueueActions, type InspectionEvent, type Observer } from 'xstate';
import { instructionParserMachine, parsed } from '../../machines/instruction-parser.js';
import { relocationMachine } from '../../machines/relocation.js';
import { supervisorMachine } from '../../machines/supervisor.js';
import { torrentMachine } from '../../machines/torrent.js';
import { commitRelocationActor } from '../actors/commit-relocation.js';
import { copyContentActor } from '../actors/copy-content.js';
import { deleteContentActor } from '../actors/delete-content.js';
import type { Dependencies } from '../actors/dependencies.js';
import { fetchMetainfoActor } from '../actors/fetch-metainfo.js';
import { jobsActor } from '../actors/jobs/jobs.js';
import { joinSwarmActor } from '../actors/join-swarm.js';
import { makeMetainfoActor } from '../actors/make-metainfo.js';
import { removeSourceActor } from '../actors/remove-source.js';
import { releaseJob } from '../actors/torrent-locks.js';
import { writeMetainfoActor } from '../actors/write-metainfo.js';
import { parseInstruction } from '../protocol/instruction-line.js';

export interface ActorSystemOptions {
  /** Jobs count on from here. */
  readonly lastId: number;
  /** Sees all actors. It must not throw. */
  readonly inspect: Observer<InspectionEvent> | undefined;
}

/** The supervisor, ready to be started. Its output is the tally of what did not end well. */
export function createActorSystem(
  dependencies: Dependencies,
  { lastId, inspect }: ActorSystemOptions,
) {
  const relocation = relocationMachine.provide({
    actors: {
      copyContent: copyContentActor(dependencies),
      commitRelocation: commitRelocationActor(dependencies),
      removeSource: removeSourceActor(dependencies),
    },
  });
  const torrent = torrentMachine.provide({
    actors: {
      makeMetainfo: makeMetainfoActor(dependencies),
      writeMetainfo: writeMetainfoActor(dependencies),
      fetchMetainfo: fetchMetainfoActor(dependencies),
      joinSwarm: joinSwarmActor(dependencies),
      deleteContent: deleteContentActor(dependencies),
      relocation,
    },
    actions: { release: ({ context: { input } }) => releaseJob(dependencies, input.id) },
  });
  const instructionParser = instructionParserMachine.provide({
    actions: {
      passOn: enqueueActions(({ context, event, enqueue }) => {
        if (event.type !== 'lines.read') return;
        const instructions = event.lines.flatMap((line) => parseInstruction(line) ?? []);
        for (const run of parsed(instructions)) enqueue.sendTo(context.supervisor, run);
      }),
    },
  });
  const { options } = dependencies;
  const cleanUp = (id: number) => {
    dependencies.cleanups.cleanUp(id);
    releaseJob(dependencies, id);
  };
  const jobs = jobsActor({ torrent, cleanUp });
  return createActor(supervisorMachine.provide({ actors: { instructionParser, jobs } }), {
    id: 'supervisor',
    input: {
      lastId,
      maxActive: options.maxActive,
      isRestFree: options.isRestFree,
      moveCompleted: options.moveCompleted,
      needsTracker: options.tracker.kind !== 'none',
      giveUpMs: options.giveUpMs,
      onEof: options.onEof,
    },
    ...(inspect && { inspect }),
  });
}

export type ActorSystem = ReturnType<typeof createActorSystem>;
