import { readFileSync, realpathSync } from 'node:fs';
import type { Entry } from './entry.js';

/** By what the entries of this process are known. Empty where it is not known. */
export interface Self {
  readonly unit: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly pid: number;
  /** The program's file. */
  readonly executable: string;
}

/**
 * Whether an entry was written by this agent: by its unit on this machine, in earlier runs too, or by this very process. The process id alone would not do:
 * in a container it is another process of the host.
 */
export function isOwn(entry: Entry, self: Self): boolean {
  if (self.unit !== '' && entry.text('_SYSTEMD_UNIT') === self.unit) {
    const machine = entry.text('_MACHINE_ID');
    if (machine === '' || self.machineId === '' || machine === self.machineId) return true;
  }
  return (
    self.executable !== '' &&
    entry.text('_PID') === String(self.pid) &&
    entry.text('_EXE') === self.executable &&
    entry.text('_BOOT_ID') === self.bootId
  );
}

/**
 * The unit of the system's service manager that a process belongs to, by its /proc/PID/cgroup; empty where there is none. What runs below a user's service
 * manager has that one's unit, as all else of the user: it is none of its own.
 */
export function unitOf(cgroup: string): string {
  for (const line of cgroup.split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    if (controllers !== '' && controllers !== 'name=systemd') continue;
    const unit = path
      .join(':')
      .split('/')
      .find((part) => part.endsWith('.service'));
    if (unit !== undefined) return unit.startsWith('user@') ? '' : unit;
  }
  return '';
}

/** This process, as the kernel and systemd know it. */
export function thisProcess(): Self {
  return {
    unit: unitOf(content('/proc/self/cgroup')),
    machineId: machineId(),
    bootId: content('/proc/sys/kernel/random/boot_id').replaceAll('-', ''),
    pid: process.pid,
    executable: realpathSync(process.execPath),
  };
}

/** 32 hexadecimal digits; empty where the machine has none. */
export function machineId(): string {
  const id = content('/etc/machine-id');
  return /^[0-9a-f]{32}$/.test(id) ? id : '';
}

function content(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
