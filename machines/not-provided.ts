// What stands in a machine for an actor that whoever runs it provides.

export function notProvided(name: string): never {
  throw new Error(`the actor ${name} is provided by the system`);
}
