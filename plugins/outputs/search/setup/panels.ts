import type { ProfileName } from '../client.js';
import { fieldNames } from './field-names.js';

/** A filter as a query string (https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-query-string-query), which every version of both dashboards takes. */
export interface NamedQuery {
  readonly title: string;
  readonly query: string;
}

/** By what records are put together. */
export type Bucket =
  | { readonly by: 'time' }
  /** `newestFirst`: those whose last record is newest, in place of those with most records. */
  | { readonly by: 'terms'; readonly field: string; readonly title: string; readonly size: number; readonly newestFirst?: true }
  | { readonly by: 'queries'; readonly queries: readonly NamedQuery[] };

/** What is told of each bucket besides how many records it has. */
export type Metric =
  /** The time of its newest record. */
  | { readonly of: 'newest'; readonly title: string }
  /** What its newest record has in a field, which may be text. */
  | { readonly of: 'example'; readonly title: string; readonly field: string };

export type Shape = 'stacked bars over time' | 'bars' | 'donut' | 'table';

/** The grid has 48 columns. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** One panel: declared once, and made into what the dashboard shows and into the search behind it. */
export interface Panel {
  /** Of letters and `-`; the same for ever, since what is imported again replaces what has its id. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly shape: Shape;
  /** Records that it is about; empty for all. */
  readonly query: string;
  /** The outermost first. */
  readonly buckets: readonly [Bucket, ...Bucket[]];
  readonly metrics: readonly Metric[];
  readonly place: Place;
}

/** What panels need to know of a taxonomy. */
export interface LabelSets {
  /** All labels, in their order. */
  readonly labels: readonly string[];
  /** Those that say that something is wrong with the cloud. */
  readonly problems: readonly string[];
}

const UNCLASSIFIED = 'trilog.label:unclassified';
const STAGES = ['rule', 'known', 'bert', 'llm', 'none'];
const EXAMPLE: Metric = { of: 'example', title: 'Template', field: 'trilog.template' };
const TEMPLATES = { by: 'terms', field: 'trilog.template_id', title: 'Template id', size: 50 } as const;

/** The panels of a dashboard over documents of a profile. */
export function panelsOf(profile: ProfileName, { labels, problems }: LabelSets): readonly Panel[] {
  const { host, service, level } = fieldNames(profile);
  return [
    {
      id: 'groups-over-time',
      title: 'Records over time by label group',
      description: 'Every record, by the first part of its label.',
      shape: 'stacked bars over time',
      query: '',
      buckets: [{ by: 'time' }, { by: 'queries', queries: groupsOf(labels) }],
      metrics: [],
      place: { x: 0, y: 0, w: 36, h: 15 },
    },
    {
      id: 'share-classified',
      title: 'Share classified',
      description: 'Records that have a label of the taxonomy, and those that have none.',
      shape: 'donut',
      query: '',
      buckets: [
        {
          by: 'queries',
          queries: [
            { title: 'classified', query: `trilog.label:* AND NOT ${UNCLASSIFIED}` },
            { title: 'unclassified', query: UNCLASSIFIED },
          ],
        },
      ],
      metrics: [],
      place: { x: 36, y: 0, w: 12, h: 15 },
    },
    {
      id: 'labels',
      title: 'Labels',
      description: 'The twenty labels that most records have.',
      shape: 'bars',
      query: '',
      buckets: [{ by: 'terms', field: 'trilog.label', title: 'Label', size: 20 }],
      metrics: [],
      place: { x: 0, y: 15, w: 18, h: 18 },
    },
    {
      id: 'problems-by-host',
      title: 'Top problems by host',
      description: 'Labels that say that something failed, and the hosts that say so most.',
      shape: 'table',
      query: anyOf('trilog.label', problems),
      buckets: [
        { by: 'terms', field: host, title: 'Host', size: 20 },
        { by: 'terms', field: 'trilog.label', title: 'Label', size: 5 },
      ],
      metrics: [{ of: 'newest', title: 'Last seen' }],
      place: { x: 18, y: 15, w: 18, h: 18 },
    },
    {
      id: 'stages',
      title: 'By stage',
      description: 'Which stage gave the label; none where nobody was sure enough.',
      shape: 'donut',
      query: '',
      buckets: [{ by: 'queries', queries: STAGES.map((stage) => ({ title: stage, query: `trilog.stage:${stage}` })) }],
      metrics: [],
      place: { x: 36, y: 15, w: 12, h: 18 },
    },
    {
      id: 'errors-by-service',
      title: 'Errors over time by service',
      description: 'Records of ERROR and CRITICAL.',
      shape: 'stacked bars over time',
      query: anyOf(level, ['ERROR', 'CRITICAL']),
      buckets: [{ by: 'time' }, { by: 'terms', field: service, title: 'Service', size: 10 }],
      metrics: [],
      place: { x: 0, y: 33, w: 24, h: 15 },
    },
    {
      id: 'novel-over-time',
      title: 'New templates over time',
      description: 'Records of a template that this agent had never seen before.',
      shape: 'stacked bars over time',
      query: 'trilog.novel:true',
      buckets: [{ by: 'time' }],
      metrics: [],
      place: { x: 24, y: 33, w: 24, h: 15 },
    },
    {
      id: 'novel-templates',
      title: 'Newest templates',
      description: 'Templates that an agent saw for the first time, the newest first; as many records as there are agents that did.',
      shape: 'table',
      query: 'trilog.novel:true',
      buckets: [{ ...TEMPLATES, newestFirst: true }],
      metrics: [{ of: 'newest', title: 'Seen' }, EXAMPLE],
      place: { x: 0, y: 48, w: 24, h: 18 },
    },
    {
      id: 'unclassified-templates',
      title: 'Unclassified templates',
      description: 'What nobody was sure enough about, that with most records first: what a rule or training would pay most for.',
      shape: 'table',
      query: UNCLASSIFIED,
      buckets: [TEMPLATES],
      metrics: [EXAMPLE],
      place: { x: 24, y: 48, w: 24, h: 18 },
    },
  ];
}

/** A query for each first part of the labels, and one for records without. */
function groupsOf(labels: readonly string[]): readonly NamedQuery[] {
  const groups = new Map<string, string>();
  for (const label of labels) {
    const dot = label.indexOf('.');
    groups.set(dot < 0 ? label : label.slice(0, dot), `trilog.label:${dot < 0 ? label : `${label.slice(0, dot)}.*`}`);
  }
  return [...[...groups].map(([title, query]) => ({ title, query })), { title: 'unclassified', query: UNCLASSIFIED }];
}

/** Of the names of labels and levels none has a character that is one of the language. */
function anyOf(field: string, values: readonly string[]): string {
  return `${field}:(${values.join(' OR ')})`;
}
