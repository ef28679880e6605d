import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { debianPackage } from '../debian-packages.js';

const ARGUMENTS = [
  '--headless',
  '--remote-debugging-pipe',
  // Its sandbox wants a kernel that lets it, or not to be root; it is shown nothing but our own page.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** An event of the protocol (https://chromedevtools.github.io/devtools-protocol/). */
export interface Told {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Waiting {
  resolve(result: Record<string, unknown>): void;
  reject(error: Error): void;
}

/** Debian's Chromium, without a window; it ends with the test. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(told: Told) => void>();
  #next = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    let rest = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (more: string) => {
      const parts = (rest + more).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#take(JSON.parse(part));
    });
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'));
    });
  }

  /** @throws where it cannot be had or does not start. */
  static async start(t: ExecutionContext): Promise<Browser> {
    const folder = await debianPackage('chromium', true);
    const profile = mkdtempSync(join(tmpdir(), 'trilog-browser-'));
    const libraries = join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
    const child = spawn(join(folder, 'usr', 'lib', 'chromium', 'chromium'), [...ARGUMENTS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: profile, LD_LIBRARY_PATH: `${libraries}:${join(libraries, 'pulseaudio')}` },
    });
    t.teardown(async () => {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
      child.kill('SIGKILL');
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    });
    return new Browser(child);
  }

  /** A page that is not anywhere yet. */
  async open(): Promise<BrowserPage> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new BrowserPage(this, String(sessionId));
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const answered = new Promise<Record<string, unknown>>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`);
    return answered;
  }

  listen(listener: (told: Told) => void): void {
    this.#listeners.add(listener);
  }

  #take(message: { id?: number; error?: { message: string }; result?: Record<string, unknown> } & Partial<Told>): void {
    const { id, error, result = {}, method, params = {} } = message;
    if (id === undefined) {
      for (const listener of this.#listeners) listener({ method: method ?? '', params });
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }
}

export class BrowserPage {
  readonly told: Told[] = [];

  constructor(
    readonly browser: Browser,
    readonly sessionId: string,
  ) {
    browser.listen((told) => this.told.push(told));
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.browser.send(method, params, this.sessionId);
  }

  /** Resolves when it is loaded. */
  async goTo(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.browser.listen(({ method }) => {
        if (method === 'Page.loadEventFired') resolve();
      });
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** What an expression, or the promise that it gives, comes to there. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value?: unknown }).value;
  }

  /** Resolves when the expression is true there. @throws after so many milliseconds. */
  async until(expression: string, ms = 30_000): Promise<void> {
    const within = `new Promise((resolve) => { const end = Date.now() + ${ms}; const look = () => { if (${expression}) resolve(true); else if (Date.now() > end) resolve(false); else setTimeout(look, 50); }; look(); })`;
    if ((await this.evaluate(within)) !== true) throw new Error(`not in time: ${expression}`);
  }

  async press(key: string): Promise<void> {
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, ...(key === 'Tab' && { windowsVirtualKeyCode: 9 }) });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key });
  }

  /** As WebP. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'webp', quality: 70, captureBeyondViewport: true });
    return Buffer.from(String(data), 'base64');
  }

  /** What the page complained of: what its policy forbids, scripts that failed, files that were not there. */
  get complaints(): string[] {
    return this.told.flatMap(({ method, params }) => {
      if (method === 'Log.entryAdded') return [(params['entry'] as { text: string }).text];
      return method === 'Runtime.exceptionThrown' || method === 'Page.javascriptDialogOpening' ? [JSON.stringify(params)] : [];
    });
  }
}
