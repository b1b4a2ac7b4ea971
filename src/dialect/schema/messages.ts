// One line each: the messages of JSON-RPC 2.0, as far as the dialect has them. No batches, and params by name alone.
import Type from 'typebox';
import { dialectLimits } from '../../limits.js';
import { errorData, errorNumber } from './failure.js';
import { text } from './values.js';

const jsonrpc = Type.Literal('2.0');

const requestId = Type.Union(
  [Type.Number(), Type.String({ maxLength: dialectLimits.requestIdLength })],
  { title: 'RequestId', description: 'Comes back with the answer.' },
);

const named = Type.Record(Type.String(), Type.Unknown(), { description: 'By name.' });

/** To the helper. Without an `id` it is a notification, and has no answer. */
export const request = Type.Object(
  {
    jsonrpc,
    id: Type.Optional(requestId),
    method: text('Its name.'),
    params: Type.Optional(named),
  },
  { title: 'Request', description: 'What a client sends; without an `id` it has no answer.' },
);

export const result = Type.Object(
  { jsonrpc, id: requestId, result: named },
  { title: 'Result', description: 'The answer to a request that could be done.' },
);

export const error = Type.Object(
  {
    jsonrpc,
    id: Type.Union([requestId, Type.Null()], {
      description: 'Of the request; null where none could be read.',
    }),
    error: Type.Object({
      code: errorNumber,
      message: text('What failed, in a sentence.'),
      data: Type.Optional(errorData),
    }),
  },
  { title: 'Error', description: 'The answer to a request that could not be done.' },
);

export const notification = Type.Object(
  { jsonrpc, method: text('Its name.'), params: named },
  { title: 'Notification', description: 'What the helper tells unasked.' },
);

export const messages = { request, result, error, notification } as const;
