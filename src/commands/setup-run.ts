import type { Engine, SearchClient } from '../../plugins/outputs/search/client.js';
import type { DashboardsServer } from '../../plugins/outputs/search/setup/import-objects.js';
import { faultsAfter, install, toInstall } from '../../plugins/outputs/search/setup/install.js';
import { look, type Plan, Refused } from '../../plugins/outputs/search/setup/look.js';
import { piecesOf, type SetupSettings } from '../../plugins/outputs/search/setup/pieces.js';
import type { SavedObject } from '../../plugins/outputs/search/setup/saved-objects.js';
import { TrilogError } from '../errors.js';
import { planJson, planText, requestsJson, requestsText } from './setup-text.js';

export type SetupFormat = 'requests' | 'json';

/** What is to be done on a server. */
export interface Installation {
  readonly settings: SetupSettings;
  readonly format: SetupFormat;
  /** False: the differences are only shown. */
  readonly apply: boolean;
  /** Replaces what trilog did not make. */
  readonly force: boolean;
  /** Where the dashboard is imported to; null for nowhere. */
  readonly dashboards: { readonly server: DashboardsServer; readonly objects: readonly SavedObject[] } | null;
}

/** The person who started the command. */
export interface Operator {
  /** Shows a result. */
  show(text: string): void;
  /** Whether to go on. */
  agrees(question: string): Promise<boolean>;
}

/** What would be installed, without any server. */
export function printed(settings: SetupSettings, format: SetupFormat): string {
  const pieces = piecesOf(settings);
  return format === 'json' ? requestsJson(pieces) : requestsText(pieces);
}

/**
 * Shows what differs between a server and what is wanted, and where that is asked for and the operator agrees, installs it in order and reads it back.
 * @throws TrilogError `CONNECT_FAILED`, `SETUP_FAILED` where the server refuses something, `SETUP_FOREIGN` where something is there that trilog did not make.
 */
export async function runSetup(client: SearchClient, installation: Installation, operator: Operator): Promise<void> {
  const { settings, format, apply, force, dashboards } = installation;
  const reached = reaching(client);
  const plan = await failing(() => look(reached, settings));
  operator.show(format === 'json' ? planJson(plan) : planText(plan));
  if (!apply) return;
  refuseForeign(plan, force);
  const steps = toInstall(plan, force);
  if (steps.length === 0 && dashboards === null) return;
  const doing = [
    ...(steps.length === 0 ? [] : [`install ${steps.length} of these`]),
    ...(dashboards === null ? [] : [`import ${dashboards.objects.length} saved objects, in place of those with their ids`]),
  ];
  if (!(await operator.agrees(`${doing.join(', and ')}?`))) {
    operator.show(format === 'json' ? '' : 'nothing was changed\n');
    return;
  }
  await failing(() => install(reached, steps));
  if (steps.length > 0) await readBack(reached, settings);
  if (dashboards !== null) {
    // Its HTTP client takes a while to load.
    const { importObjects } = await import('../../plugins/outputs/search/setup/import-objects.js');
    await failing(() => connecting(() => importObjects(dashboards.server, settings.engine, dashboards.objects)));
  }
  if (format !== 'json') operator.show(doneText(settings, steps.length, dashboards?.objects.length ?? 0));
}

function refuseForeign({ steps }: Plan, force: boolean): void {
  const foreign = steps.filter(({ state }) => state === 'foreign').map(({ piece }) => piece.path);
  if (foreign.length > 0 && !force)
    throw new TrilogError('SETUP_FOREIGN', `trilog did not make ${foreign.join(', ')}, so nothing was changed`);
}

async function readBack(client: SearchClient, settings: SetupSettings): Promise<void> {
  const faults = faultsAfter(await failing(() => look(client, settings)));
  if (faults.length > 0) throw new TrilogError('SETUP_FAILED', `installed, but reads back otherwise:\n${faults.join('\n')}`);
}

function doneText({ target }: SetupSettings, pieces: number, objects: number): string {
  const lines = [
    ...(pieces === 0 ? [] : [`installed, and read back as wanted: ${pieces}`]),
    ...(objects === 0 ? [] : [`saved objects imported: ${objects}`]),
    ...(pieces > 0 && target.kind === 'data_stream'
      ? [`a data stream that was there before takes templates up with its next index: POST ${encodeURIComponent(target.name)}/_rollover`]
      : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** A client whose errors say that the server is not reached. */
function reaching(client: SearchClient): SearchClient {
  return { request: (request) => connecting(() => client.request(request)), close: () => client.close() };
}

async function connecting<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof Refused) throw cause;
    throw new TrilogError('CONNECT_FAILED', messageOf(cause), { cause });
  }
}

/** The network's errors say what happened in their cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

async function failing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof Refused) throw new TrilogError('SETUP_FAILED', cause.message, { cause });
    throw cause;
  }
}

/** How the command reaches what the outputs of a configuration name. */
export interface SearchAccess {
  /** A client for an output's keys, as its schema checked them; `configDir` is the folder to which its paths are relative. */
  connect(keys: unknown, engine: Engine, configDir: string): Promise<SearchClient>;
  /** The headers that carry its credentials. */
  headers(keys: unknown): Readonly<Record<string, string>>;
}
