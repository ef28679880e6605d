/** What is known of the file that is being written. */
export interface Written {
  readonly bytes: number;
  /** When its first record was written, in milliseconds since the epoch. */
  readonly since: number;
}

export interface RotationLimits {
  /** 0 for none. */
  readonly rotate_bytes: number;
  /** 0 for none. */
  readonly rotate_hours: number;
}

/** Whether the file is to be put aside before something is added. An empty file never is. */
export function isDue({ bytes, since }: Written, limits: RotationLimits, now: number): boolean {
  if (bytes === 0) return false;
  if (limits.rotate_bytes > 0 && bytes >= limits.rotate_bytes) return true;
  return limits.rotate_hours > 0 && now - since >= limits.rotate_hours * 3_600_000;
}

/** The renames that make room for the file as `.1`, in their order; `remove` is the one that falls out. */
export function shifts(path: string, keep: number): { remove: string; renames: readonly (readonly [from: string, to: string])[] } {
  const renames: [string, string][] = [];
  for (let i = keep - 1; i >= 1; i--) renames.push([`${path}.${i}`, `${path}.${i + 1}`]);
  if (keep > 0) renames.push([path, `${path}.1`]);
  return { remove: keep > 0 ? `${path}.${keep}` : path, renames };
}
