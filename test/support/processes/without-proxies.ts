// The environment for programs of a test: a proxy in it would be asked for loopback addresses, too.
export function withoutProxies(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name));
  return { ...Object.fromEntries(others), ...more };
}
