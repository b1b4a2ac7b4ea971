// What is imported of schemas as checks: scripts/schema/compiled-checks.mjs.
declare module '*.js?checks' {
  interface CompiledCheck {
    readonly check: (value: unknown) => boolean;
    /** Each way in which it may be right, to say what is wrong. */
    readonly shapes: readonly {
      readonly required: readonly string[];
      readonly properties: Readonly<
        Record<string, { readonly check: (value: unknown) => boolean; readonly expected: string }>
      >;
    }[];
  }
  const checks: Readonly<Record<string, CompiledCheck>>;
  export const changing: readonly string[];
  export default checks;
}
