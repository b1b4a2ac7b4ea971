// Something that a test needs of this machine. Where it is missing the test is skipped, and its title says why.

export interface Need {
  readonly isMet: boolean;
  /** Told where it is not met. */
  readonly otherwise: string;
}
