// What aria2 is told wherever it is started: trackers and peers alone, nothing listening wider than it must, no file of the
// user's read or written.
export function aria2Options(address: string): readonly string[] {
  return [
    '--no-conf',
    '--no-netrc',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--disable-ipv6',
    '--bt-enable-lpd=false',
    '--file-allocation=none',
    `--interface=${address}`,
  ];
}
