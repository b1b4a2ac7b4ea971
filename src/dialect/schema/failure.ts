// Why something failed, as every message of the dialect says it.
import Type from 'typebox';
import { errorCodes } from '../../errors.js';
import { jobId, oneOf, text } from './values.js';

type Codes = readonly (keyof typeof errorCodes)[];

const codes: Codes = Object.keys(errorCodes).filter(
  (code): code is keyof typeof errorCodes => code in errorCodes,
);

const code = Type.Enum([...codes], {
  title: 'ErrorCode',
  description: 'The stable code of an error: what programs go by.',
});

const details = {
  code,
  retryable: Type.Boolean({ description: 'The same may succeed later, without any change.' }),
  jobId: Type.Optional(jobId),
  path: Type.Optional(text('The file or folder that it is about.')),
  help: text('What to do about it, in a sentence.'),
};

export const errorData = Type.Object(details, {
  title: 'ErrorData',
  description: 'The `data` of every error with the number -32000.',
});

export const failure = Type.Object(
  { ...details, message: text('What failed, and where, in a sentence.') },
  { title: 'Failure', description: 'Why something failed.' },
);

/** The numbers of JSON-RPC’s own errors, and the two of ours. */
export const errorNumbers = {
  parseError: { number: -32700, message: 'the line is not JSON' },
  invalidRequest: { number: -32600, message: 'the line is JSON, but no request' },
  methodNotFound: { number: -32601, message: 'there is no such method' },
  invalidParams: { number: -32602, message: 'the params do not fit the method' },
  internalError: { number: -32603, message: 'a bug in the helper' },
  cancelled: { number: -32800, message: 'the request was cancelled' },
  failed: { number: -32000, message: 'what was asked for failed: `data.code` says why' },
} as const;

export const errorNumber = Type.Integer({
  description: 'JSON-RPC’s numbers for JSON-RPC’s faults; everything else is -32000.',
});

export const end = oneOf(
  ['failed', 'removed', 'released', 'stopped'],
  'How a job ended: `failed` for good; `removed` by its user; `released`, as it was complete and nothing follows; `stopped`, as the helper stops.',
);
