// What no test takes of the machines, and why none has to. `npm run coverage:machines` fails on what is not taken and not listed here,
// and on what is listed and taken.

const measures =
  'numbers on their way to who listens: they are many, and so no inspection is told of them';

/** Reasons, by the ids of the charts. `refusals`: guards that hold whenever they are asked. */
export const untaken = {
  states: {},
  transitions: {
    'torrent.active.joined|swarm.measured|0': measures,
  },
  refusals: {},
};
