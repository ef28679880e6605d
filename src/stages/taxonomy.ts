import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TrilogError } from '../errors.js';
import { MODELS_DIR } from '../paths.js';
import { EventClass, type Outcome } from '../record/event-class.js';
import { LEVELS, type Level } from '../record/record.js';
import { formatProblem, YamlFile } from '../yaml/document.js';

/** The labels that come with trilog. */
export const TAXONOMY_FILE = join(MODELS_DIR, 'taxonomy.yaml');

/** Values that the Elastic Common Schema allows: https://www.elastic.co/guide/en/ecs/current/ecs-category-field-values-reference.html */
const KINDS = ['alert', 'asset', 'enrichment', 'event', 'metric', 'state', 'pipeline_error', 'signal'] as const;
const CATEGORIES = [
  ...['api', 'authentication', 'configuration', 'database', 'driver', 'email', 'file', 'host', 'iam', 'intrusion_detection', 'library'],
  ...['malware', 'network', 'package', 'process', 'registry', 'session', 'threat', 'vulnerability', 'web'],
] as const;
const TYPES = [
  ...['access', 'admin', 'allowed', 'change', 'connection', 'creation', 'deletion', 'denied', 'device', 'end', 'error', 'group'],
  ...['indicator', 'info', 'installation', 'protocol', 'start', 'user'],
] as const;

const ecsSchema = z.strictObject({
  kind: z.enum(KINDS),
  category: z.array(z.enum(CATEGORIES)).min(1),
  type: z.array(z.enum(TYPES)).min(1),
  outcome: z
    .enum(['success', 'failure', 'unknown', 'by_level'])
    .describe('`by_level`: the class holds progress and failure, and the level tells which'),
});

const taxonomySchema = z.strictObject({
  version: z.literal(1),
  labels: z
    .array(
      z.strictObject({
        label: z.string().regex(/^([a-z_]+\.[a-z_]+|other)$/, 'group.leaf, or other'),
        summary: z.string(),
        ecs: ecsSchema,
      }),
    )
    .min(1),
});

type EcsClass = z.output<typeof ecsSchema>;

export interface Label {
  /** `group.leaf` */
  readonly label: string;
  readonly summary: string;
  /** By level: the outcome may depend on it. */
  readonly events: ReadonlyMap<Level, EventClass>;
}

/** The labels that records can get. */
export class Taxonomy {
  readonly labels: ReadonlyMap<string, Label>;

  constructor(labels: z.output<typeof taxonomySchema>['labels']) {
    this.labels = new Map(labels.map(({ label, summary, ecs }) => [label, { label, summary, events: eventClasses(ecs) }]));
  }

  has(label: string): boolean {
    return this.labels.has(label);
  }
}

function eventClasses(ecs: EcsClass): Map<Level, EventClass> {
  const byOutcome = new Map<Outcome, EventClass>();
  return new Map(
    (['', ...LEVELS] as const).map((level) => {
      const result = outcome(ecs, level);
      const event = byOutcome.get(result) ?? new EventClass(ecs.kind, ecs.category, ecs.type, result);
      byOutcome.set(result, event);
      return [level, event];
    }),
  );
}

/** What became of it, told by the label, or by the level where the label leaves it open. */
export function outcome(ecs: EcsClass, level: Level): Outcome {
  if (ecs.outcome !== 'by_level') return ecs.outcome;
  if (level === 'ERROR' || level === 'CRITICAL') return 'failure';
  return level === 'WARNING' || level === '' ? 'unknown' : 'success';
}

/** Reads a taxonomy file, by default the one that comes with trilog. @throws TrilogError `TAXONOMY_INVALID` with every problem in it. */
export function loadTaxonomy(file = TAXONOMY_FILE): Taxonomy {
  const yaml = new YamlFile(file, readText(file));
  const parsed = yaml.syntaxProblems.length > 0 ? null : taxonomySchema.safeParse(yaml.value);
  if (parsed?.success) return new Taxonomy(parsed.data.labels);
  const problems = parsed === null ? yaml.syntaxProblems : yaml.problems(parsed.error);
  throw new TrilogError('TAXONOMY_INVALID', problems.map(formatProblem).join('\n'));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TrilogError('TAXONOMY_INVALID', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
