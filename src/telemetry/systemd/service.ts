import type { ComponentLog } from '../../plugin/contract.js';
import type { AgentView, AgentWatcher } from '../view.js';
import { type Message, Notifier } from './notifier.js';
import { statusLine } from './status-line.js';
import { type Look, lookAt, standsStill } from './stillness.js';

/** How often the agent is looked at, at most, in milliseconds. */
const LOOK_MS = 15_000;

export interface ServiceOptions {
  /** The watchdog's period in milliseconds; null where the manager watches nothing. */
  readonly watchdogMs: number | null;
  /** So long may the agent stand still by its configuration, in milliseconds. */
  readonly patienceMs: number;
  /** So long a stop may take, in milliseconds. */
  readonly stopMs: number;
}

/**
 * The watchdog's period, as sd_watchdog_enabled(3) has it: `WATCHDOG_USEC` in microseconds, for the process `WATCHDOG_PID` where that is set.
 * Null where nobody watches this process.
 */
export function watchdogMsOf(environment: Readonly<Record<string, string | undefined>>, pid: number): number | null {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: whose } = environment;
  if (usec === undefined || !/^[1-9]\d{0,15}$/.test(usec)) return null;
  return whose === undefined || Number(whose) === pid ? Number(usec) / 1000 : null;
}

/** An agent as a service of systemd: says when it is ready, reloads and stops, how it fares, and that it moves. */
export class Service implements AgentWatcher {
  #timer: NodeJS.Timeout | undefined;
  #view: AgentView | null = null;
  #before: Look | null = null;
  #records = 0;
  #stillMs = 0;
  #refused = false;
  #said = '';
  #looking = false;
  /** Since the watchdog was fed. */
  #unfedMs = 0;
  #lookedAt = 0;

  constructor(
    readonly options: ServiceOptions,
    readonly notifier: Pick<Notifier, 'send'>,
    readonly now: () => number = Date.now,
  ) {}

  /** Null where no service manager listens. */
  static here(environment: NodeJS.ProcessEnv, log: ComponentLog, options: Omit<ServiceOptions, 'watchdogMs'>): Service | null {
    if ((environment['NOTIFY_SOCKET'] ?? '') === '') return null;
    return new Service({ ...options, watchdogMs: watchdogMsOf(environment, process.pid) }, new Notifier(log));
  }

  running(view: AgentView): void {
    this.#view = view;
    this.#lookedAt = performance.now();
    this.#records = view.tally.records;
    this.#said = this.#line(view, 0);
    this.#send({ READY: '1', STATUS: this.#said });
    const { watchdogMs } = this.options;
    const everyMs = watchdogMs === null ? LOOK_MS : Math.min(LOOK_MS, watchdogMs / 3);
    this.#timer = setInterval(() => this.#look(view), everyMs);
  }

  /** The manager is told at once, by the clock that it compares with the time of its own question. */
  reloading(): void {
    this.#send({ RELOADING: '1', MONOTONIC_USEC: String(process.hrtime.bigint() / 1000n), STATUS: 'reloading the configuration' });
  }

  /** @param refused whether the former configuration stays. */
  reloaded(refused: boolean): void {
    this.#refused = refused;
    this.#said = this.#view === null ? '' : this.#line(this.#view, 0);
    this.#send({ READY: '1', STATUS: this.#said });
  }

  /** Asks for the time that the configuration gives the outputs, which may be longer than the unit's. */
  stopping(): void {
    clearInterval(this.#timer);
    this.#send({ STOPPING: '1', STATUS: 'stopping', EXTEND_TIMEOUT_USEC: String(this.options.stopMs * 1000) });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(view: AgentView): void {
    // A message that is not read yet is followed by none.
    if (this.#looking) return;
    const at = performance.now();
    const passed = at - this.#lookedAt;
    this.#lookedAt = at;
    const now = lookAt(view);
    this.#stillMs = this.#before !== null && standsStill(this.#before, now) ? this.#stillMs + passed : 0;
    this.#before = now;
    this.#unfedMs += passed;
    const line = this.#line(view, ((view.tally.records - this.#records) / passed) * 1000);
    this.#records = view.tally.records;
    const message = { ...this.#news(line), ...this.#food(line !== this.#said) };
    this.#said = line;
    if (Object.keys(message).length === 0) return;
    this.#looking = true;
    this.#send(message, () => {
      this.#looking = false;
    });
  }

  #news(line: string): Message {
    return line === this.#said ? {} : { STATUS: line };
  }

  /** What feeds the watchdog; with another message, or when a third of its period is over. */
  #food(saysMore: boolean): Message {
    const { watchdogMs, patienceMs } = this.options;
    if (watchdogMs === null || this.#stillMs > patienceMs) return {};
    if (!saysMore && this.#unfedMs < watchdogMs / 4) return {};
    this.#unfedMs = 0;
    return { WATCHDOG: '1' };
  }

  #line({ tally, outputs }: AgentView, perSecond: number): string {
    const still = this.#stillMs > this.options.patienceMs;
    return statusLine({ records: tally.records, perSecond, outputs, still, refused: this.#refused, now: this.now() });
  }

  #send(message: Message, done = (): void => {}): void {
    void this.notifier.send(message).then(done);
  }
}
