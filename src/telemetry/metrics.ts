import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Lag } from '../plugin/contract.js';
import { version } from '../version.js';
import { sampleOf } from './count-names.js';
import { METRICS, type MetricDefinition, type MetricKey } from './metric-definitions.js';
import type { AgentView, Probe } from './view.js';

/** prom-client's sums over a gauge with labels: `_total` is the end of a counter's name, and promtool says so. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The metrics of one agent, in Prometheus' text form. What is counted anyway is read when somebody asks. */
export class Metrics implements Pick<Probe, 'settled' | 'classified'> {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricKey, Counter>();
  readonly #settled: Histogram;
  readonly #classified: Histogram;

  constructor(readonly view: AgentView) {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
    for (const [key, definition] of Object.entries(METRICS) as [MetricKey, MetricDefinition][])
      if (definition.kind === 'counter') this.#counters.set(key, new Counter(this.#options(definition)));
    this.#gauge('info', (gauge) => gauge.set({ version: version() }, 1));
    this.#gauge('ready', (gauge) => gauge.set(view.state === 'running' ? 1 : 0));
    this.#gauge('inFlight', (gauge) => gauge.set(view.inFlight.bytes));
    this.#gauge('inFlightLimit', (gauge) => gauge.set(view.inFlight.maxBytes));
    this.#gauge('inputLagBytes', (gauge) => this.#lag(gauge, 'bytes'));
    this.#gauge('inputLagMessages', (gauge) => this.#lag(gauge, 'messages'));
    this.#gauge('inputBehind', (gauge) => {
      for (const { name, newest } of view.inputs) if (newest !== null) gauge.set({ input: name }, (Date.now() - newest) / 1000);
    });
    this.#gauge('outputQueue', (gauge) => {
      for (const { name, queued } of view.outputs) gauge.set({ output: name }, queued);
    });
    this.#gauge('outputFailing', (gauge) => {
      for (const { name, failing } of view.outputs) gauge.set({ output: name }, failing === null ? 0 : 1);
    });
    this.#settled = this.#histogram(METRICS.settled);
    this.#classified = this.#histogram(METRICS.classified);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of them, as they are now. */
  text(): Promise<string> {
    this.#count();
    return this.#registry.metrics();
  }

  settled(input: string, seconds: number): void {
    this.#settled.observe({ input }, seconds);
  }

  classified(seconds: number): void {
    this.#classified.observe(seconds);
  }

  #count(): void {
    const { tally } = this.view;
    for (const counter of this.#counters.values()) counter.reset();
    // From 0 on: of a counter that begins with its first event Prometheus sees no increase.
    for (const { name } of this.view.inputs) this.#begin({ input: name }, ['inputRecords', 'inputBytes']);
    for (const { name } of this.view.outputs) this.#begin({ output: name }, ['outputRecords', 'deadLetters', 'retries']);
    for (const [name, count] of tally.counts) {
      const { metric, labels, scale } = sampleOf(name);
      this.#counters.get(metric)?.inc({ ...labels }, count * scale);
    }
    for (const [stage, records] of Object.entries(tally.stages)) this.#counters.get('stages')?.inc({ stage }, records);
    for (const [label, records] of tally.labels) this.#counters.get('labels')?.inc({ label }, records);
  }

  #begin(labels: Record<string, string>, keys: readonly MetricKey[]): void {
    for (const key of keys) this.#counters.get(key)?.inc(labels, 0);
  }

  #lag(gauge: Gauge, unit: Lag['unit']): void {
    for (const { name, lag } of this.view.inputs) if (lag?.unit === unit) gauge.set({ input: name }, lag.amount);
  }

  #gauge(key: MetricKey, collect: (gauge: Gauge) => void): void {
    new Gauge({
      ...this.#options(METRICS[key]),
      collect() {
        this.reset();
        collect(this);
      },
    });
  }

  #histogram(definition: MetricDefinition): Histogram {
    return new Histogram({ ...this.#options(definition), buckets: [...(definition.buckets ?? [])] });
  }

  #options({ name, help, labels }: MetricDefinition) {
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }
}
