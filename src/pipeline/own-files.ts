import { readdir, readFile, readlink, stat } from 'node:fs/promises';

/**
 * Files that this process has open for writing: its outputs, and its own log where standard error goes to a file. An input that read them would feed the
 * agent with what it says itself. Empty where the system has no /proc.
 */
export async function ownFiles(): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd').catch(() => []);
  const paths = await Promise.all(
    descriptors.map(async (descriptor) => {
      const path = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '');
      if (!path.startsWith('/') || !(await isWritten(descriptor))) return [];
      const found = await stat(path).catch(() => null);
      return found?.isFile() === true ? [path] : [];
    }),
  );
  return [...new Set(paths.flat())];
}

/** Whether a descriptor is open for writing: the access mode is the lowest two bits of `flags`, an octal number (proc(5)). */
async function isWritten(descriptor: string): Promise<boolean> {
  const info = await readFile(`/proc/self/fdinfo/${descriptor}`, 'latin1').catch(() => '');
  const flags = /^flags:\s+([0-7]+)/m.exec(info)?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & 3) !== 0;
}
