// Which addresses lead to this machine and no further.

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address === '[::1]';
}
