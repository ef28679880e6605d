import { loadConfig } from '../config/load.js';
import { contentsOf } from '../config/named-contents.js';
import { keepHeapLean } from '../lean-heap.js';
import { Agent } from '../pipeline/agent.js';
import { Reload, type ReloadEvents } from '../pipeline/reload.js';
import { componentLog, createLog } from '../telemetry/log.js';
import { Service } from '../telemetry/systemd/service.js';
import type { AgentWatcher } from '../telemetry/view.js';
import type { CommandBody } from './lazy-command.js';

/** A second more than the agent allows itself: past it the process ends whatever an output may still hold. */
const GRACE_MS = 1000;

const NOBODY: ReloadEvents = { reloading: () => {}, reloaded: () => {} };

export const run: CommandBody<{ config: string }> = {
  builder: (yargs) => yargs.option('config', { alias: 'c', type: 'string', demandOption: true, describe: 'configuration file' }),
  handler: async ({ config: file }) => {
    keepHeapLean();
    const config = await loadConfig(file);
    const log = createLog(config.log);
    const stopMs = config.pipeline.stop_timeout_ms + GRACE_MS;
    const service = Service.here(process.env, componentLog(log, 'systemd'), { patienceMs: config.llm?.wait_ms ?? 0, stopMs });
    const watcher: AgentWatcher = {
      running: (view) => {
        service?.running(view);
        reload.started();
      },
      stopping: () => {
        reload.stop();
        service?.stopping();
      },
    };
    const contents = await contentsOf(config);
    const agent = new Agent(config, log, watcher);
    const reload = new Reload(agent, contents, () => loadConfig(file), log, service ?? NOBODY);
    // Whoever closes his terminal wants it to end.
    if (process.stdin.isTTY !== true) process.on('SIGHUP', () => void reload.request());
    const stop = (withinMs: number): void => {
      setTimeout(() => process.exit(0), withinMs + GRACE_MS).unref();
      agent.stop();
    };
    const inOrder = (): void => stop(config.pipeline.stop_timeout_ms);
    process.on('SIGTERM', inOrder).on('SIGINT', inOrder);
    // Nobody reads standard output any more: there is no use in going on, nor in waiting until what is on its way there is written.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') stop(0);
    });
    await agent.run().finally(() => service?.close());
    log.info('stopped', { records: agent.tally.records, stages: agent.tally.stages, counts: Object.fromEntries(agent.tally.counts) });
  },
};
