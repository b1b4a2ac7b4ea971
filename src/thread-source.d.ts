// What is imported of a thread's entry as text: scripts/thread-source.mjs.
declare module '*.js?source' {
  const source: string;
  export default source;
}
