import { expect, it } from 'vitest';
import { createResolver } from '../../../src/net/resolve-host.js';

function countedResolver(answer: (name: string) => Promise<readonly string[]>) {
  const asked: string[] = [];
  const resolve = createResolver((name) => {
    asked.push(name);
    return answer(name);
  });
  return { asked, resolve };
}

it('takes addresses for themselves, and asks nobody', async () => {
  const { asked, resolve } = countedResolver(async () => []);
  expect(await resolve('192.0.2.1')).toEqual(['192.0.2.1']);
  expect(await resolve('[2001:db8::1]')).toEqual(['2001:db8::1']);
  expect(asked).toEqual([]);
});

it('asks once for a name that many ask for', async () => {
  const { asked, resolve } = countedResolver(async (name) => [`of ${name}`]);
  const names = ['a', 'b', 'a', 'a'];
  expect(await Promise.all(names.map((name) => resolve(name)))).toEqual(
    names.map((name) => [`of ${name}`]),
  );
  expect(asked).toEqual(['a', 'b']);
});

it('asks again for a name that was not found', async () => {
  const { asked, resolve } = countedResolver(async () => Promise.reject(new Error('not found')));
  await expect(resolve('a')).rejects.toThrow('not found');
  await expect(resolve('a')).rejects.toThrow('not found');
  expect(asked).toEqual(['a', 'a']);
});

it('does not remember more names than a stranger may make up', async () => {
  const { asked, resolve } = countedResolver(async () => ['192.0.2.1']);
  await resolve('first');
  for (let each = 0; each < 500; each++) await resolve(`name-${each}`);
  await resolve('first');
  expect(asked.filter((name) => name === 'first')).toHaveLength(2);
});
