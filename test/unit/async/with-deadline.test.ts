import { expect, it } from 'vitest';
import { withDeadline } from '../../../src/async/with-deadline.js';

const never = new Promise<never>(() => {});

it('gives what the task gives', async () => {
  await expect(withDeadline({ timeoutMs: 60_000 }, async () => 5)).resolves.toBe(5);
});

it('fails as the task fails', async () => {
  const task = async () => Promise.reject(new Error('broken'));
  await expect(withDeadline({ timeoutMs: 60_000 }, task)).rejects.toThrow('broken');
});

it('ends a task that heeds nothing, and tells it', async () => {
  let told: AbortSignal | undefined;
  const task = (signal: AbortSignal) => {
    told = signal;
    return never;
  };
  await expect(withDeadline({ timeoutMs: 10 }, task)).rejects.toThrow('no answer within 0.01 s');
  expect(told?.aborted).toBe(true);
});

it('ends with the signal it is given', async () => {
  const controller = new AbortController();
  const waiting = withDeadline({ timeoutMs: 60_000, signal: controller.signal }, () => never);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

it('begins nothing when the signal has aborted already', async () => {
  let begun = false;
  const task = async () => {
    begun = true;
  };
  const limits = { timeoutMs: 60_000, signal: AbortSignal.abort(new Error('enough')) };
  await expect(withDeadline(limits, task)).rejects.toThrow('enough');
  expect(begun).toBe(false);
});
