// The rule by which names were refused when none was mended yet: what it lets through must keep its path for ever.

/** Whether it can be one name in a folder. */
export function isNameOnDisk(name: string, platform: NodeJS.Platform): boolean {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) return false;
  if (Buffer.byteLength(name) > 255) return false;
  return platform !== 'win32' || !isRefusedByWindows(name);
}

/** Whether two of the paths are one file, or one is the folder of another. In the slowest and plainest way. */
export function haveClashes(
  paths: readonly (readonly string[])[],
  platform: NodeJS.Platform,
): boolean {
  const folded = paths.map((path) => path.map((name) => fold(name, platform)));
  return folded.some((path, index) =>
    folded.some(
      (other, otherIndex) => index !== otherIndex && path.every((name, at) => name === other[at]),
    ),
  );
}

function fold(name: string, platform: NodeJS.Platform): string {
  if (platform === 'linux') return name;
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');
}

function isRefusedByWindows(name: string): boolean {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses control characters
    /[<>:"\\|?*\u0001-\u001f]|[. ]$/.test(name) ||
    /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i.test(name)
  );
}
