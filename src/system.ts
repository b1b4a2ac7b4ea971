// The one place that joins the machines and what they need done.
import { createActor, enqueueActions, type InspectionEvent, type Observer } from 'xstate';
import { instructionParserMachine } from '../machines/instruction-parser.js';
import { supervisorMachine } from '../machines/supervisor.js';
import { torrentMachine } from '../machines/torrent.js';
import { deleteContentActor } from './actors/delete-content.js';
import { fetchMetainfoActor } from './actors/fetch-metainfo.js';
import { joinSwarmActor } from './actors/join-swarm.js';
import { makeMetainfoActor } from './actors/make-metainfo.js';
import { writeMetainfoActor } from './actors/write-metainfo.js';
import { parseInstruction } from './protocol/instruction-line.js';
import type { HelperOptions } from './settings.js';
import type { Surroundings } from './surroundings.js';

/** The supervisor, ready to be started. Its output is the tally of what did not end well. */
export function createSystem(surroundings: Surroundings, inspect: HelperOptions['inspect']) {
  const torrent = torrentMachine.provide({
    actors: {
      makeMetainfo: makeMetainfoActor(surroundings),
      writeMetainfo: writeMetainfoActor(surroundings),
      fetchMetainfo: fetchMetainfoActor(surroundings),
      joinSwarm: joinSwarmActor(surroundings),
      deleteContent: deleteContentActor(surroundings),
    },
  });
  const instructionParser = instructionParserMachine.provide({
    actions: {
      passOn: enqueueActions(({ context, event, enqueue }) => {
        if (event.type !== 'line.read') return;
        const instruction = parseInstruction(event.line);
        if (!instruction) return;
        enqueue.sendTo(context.supervisor, { type: 'instruction.given', instruction });
      }),
    },
  });
  const { settings, announce } = surroundings;
  return createActor(supervisorMachine.provide({ actors: { torrent, instructionParser } }), {
    id: 'supervisor',
    input: {
      needsTracker: announce.length > 0,
      giveUpMs: settings.giveUpMs,
      onEof: settings.onEof,
    },
    ...(inspect && { inspect: harmless(inspect) }),
  });
}

export type System = ReturnType<typeof createSystem>;

/** An inspector that throws would wedge the actor it watches for ever, so what it throws is dropped. */
function harmless(inspect: NonNullable<HelperOptions['inspect']>): Observer<InspectionEvent> {
  return {
    next: (event) => {
      try {
        if (typeof inspect === 'function') inspect(event);
        else inspect.next?.(event);
      } catch {}
    },
  };
}
