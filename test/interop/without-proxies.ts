// The environment for programs of a story: a proxy in it would be asked for loopback addresses, too.
export function withoutProxies(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name));
  return Object.fromEntries(kept);
}
