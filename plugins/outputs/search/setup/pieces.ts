import type { Engine, ProfileName } from '../client.js';
import { indexSettings, mappingOf } from '../mappings.js';
import { ilmPolicy, ismPolicy } from './lifecycle.js';
import type { RetentionDays } from './retention.js';
import { ownName, patternOf, type SetupTarget } from './target.js';

export const PIECE_KINDS = ['ilm_policy', 'ism_policy', 'component_template', 'index_template', 'data_stream'] as const;
export type PieceKind = (typeof PIECE_KINDS)[number];

/** One thing that is installed on a search server, by `PUT`. */
export interface Piece {
  readonly kind: PieceKind;
  readonly name: string;
  /** With a slash before it, its parts encoded. */
  readonly path: string;
  /** Null where the request has none. */
  readonly body: object | null;
}

export interface SetupSettings {
  readonly engine: Engine;
  readonly profile: ProfileName;
  readonly target: SetupTarget;
  readonly retention: RetentionDays;
  /** Elasticsearch only: documents that do not fit the mapping go into the data stream's failure store. */
  readonly failureStore: boolean;
  /** False for a server that has no lifecycle policies: then nothing names one. */
  readonly lifecycle: boolean;
}

/** Who made a piece: setup changes no other's without being told to. */
export const MANAGED_BY = 'trilog';
const META = { managed_by: MANAGED_BY };

/**
 * Elasticsearch's own templates for `logs-*-*` have 100, for `logs-*.otel-*` 120, those of its integrations 200, and its manual asks for more than 500
 * (https://www.elastic.co/docs/manage-data/data-store/templates). Two templates of one priority must not overlap, so it is no round number.
 */
const TEMPLATE_PRIORITY = 520;

/** What is to be on the server, in the order in which it can be installed. */
export function piecesOf(settings: SetupSettings): readonly Piece[] {
  const { engine, profile, target, lifecycle } = settings;
  const components = ['trilog-settings', `trilog-${profile}-mappings`] as const;
  return [
    ...(lifecycle ? [policyOf(settings)] : []),
    piece('component_template', components[0], { template: { settings: indexSettings(engine) }, _meta: META }),
    piece('component_template', components[1], { template: { mappings: mappingOf(profile, engine) }, _meta: META }),
    piece('index_template', ownName(target), indexTemplate(settings, components)),
    ...(target.kind === 'data_stream' ? [piece('data_stream', target.name, null)] : []),
  ];
}

/** The lifecycle policy of a target: ILM's or ISM's. */
export function policyOf({ engine, target, retention }: SetupSettings): Piece {
  const name = ownName(target);
  return engine === 'elasticsearch'
    ? piece('ilm_policy', name, ilmPolicy(target, retention, META))
    : piece('ism_policy', name, ismPolicy(target, retention));
}

function indexTemplate(settings: SetupSettings, components: readonly string[]): object {
  const { engine, target, failureStore, lifecycle } = settings;
  const template = {
    // ISM's policies name the indices that they are for; ILM's are named by them.
    ...(engine === 'elasticsearch' && lifecycle ? { settings: { 'index.lifecycle.name': ownName(target) } } : {}),
    ...(failureStore ? { data_stream_options: { failure_store: { enabled: true } } } : {}),
  };
  return {
    index_patterns: [patternOf(target)],
    ...(target.kind === 'data_stream' ? { data_stream: {} } : {}),
    composed_of: components,
    priority: TEMPLATE_PRIORITY,
    ...(Object.keys(template).length === 0 ? {} : { template }),
    _meta: META,
  };
}

const PATHS: Readonly<Record<PieceKind, string>> = {
  ilm_policy: '/_ilm/policy/',
  ism_policy: '/_plugins/_ism/policies/',
  component_template: '/_component_template/',
  index_template: '/_index_template/',
  data_stream: '/_data_stream/',
};

function piece(kind: PieceKind, name: string, body: object | null): Piece {
  return { kind, name, path: `${PATHS[kind]}${encodeURIComponent(name)}`, body };
}
