// The dialect in types, read off its schema. Types alone: nothing that runs loads TypeBox.
import type { Static, TSchema } from 'typebox';
import type { errorData, failure } from './failure.js';
import type { capabilities, description, limits, stats } from './helper.js';
import type { job, progressNumbers } from './job.js';
import type { error, notification, request, result } from './messages.js';
import type { methods } from './methods.js';
import type { fromClient, notifications, topics } from './notifications.js';

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Frozen<T[Name]> }
    : T;

type Of<Schema extends TSchema> = Frozen<Static<Schema>>;

export type Method = keyof typeof methods;
export type ParamsOf<M extends Method> = Of<(typeof methods)[M]['params']>;
export type ResultOf<M extends Method> = Of<(typeof methods)[M]['result']>;

export type NotificationName = keyof typeof notifications;
export type NotificationParams<N extends NotificationName> = Of<
  (typeof notifications)[N]['params']
>;
export type Topic = Of<typeof topics>;

/** What a client sends without waiting for an answer. */
export type ClientNotificationName = keyof typeof fromClient;
export type ClientNotificationParams<N extends ClientNotificationName> = Of<
  (typeof fromClient)[N]['params']
>;

export type RequestMessage = Of<typeof request>;
export type RequestId = NonNullable<RequestMessage['id']>;
export type ResultMessage = Of<typeof result>;
export type ErrorMessage = Of<typeof error>;
export type NotificationMessage = Of<typeof notification>;

export type DialectJob = Of<typeof job>;
export type DialectProgress = Of<typeof progressNumbers>;
export type DialectFailure = Of<typeof failure>;
export type DialectErrorData = Of<typeof errorData>;
export type DialectDescription = Of<typeof description>;
export type Capability = keyof typeof capabilities;
export type DialectLimits = Of<typeof limits>;
export type DialectStats = Of<typeof stats>;
