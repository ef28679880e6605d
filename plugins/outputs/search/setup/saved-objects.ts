import type { Panel } from './panels.js';
import { ownName, patternOf, type SetupTarget } from './target.js';
import { visStateOf } from './visualization.js';

/** What one saved object says of another that it uses. */
export interface Reference {
  readonly name: string;
  readonly type: SavedObjectType;
  readonly id: string;
}

export type SavedObjectType = 'index-pattern' | 'visualization' | 'dashboard';

/** An object as the dashboards export and import it (https://www.elastic.co/docs/api/doc/kibana/operation/operation-importsavedobjectsdefault). */
export interface SavedObject {
  readonly type: SavedObjectType;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  /** In which version's form it is: both dashboards know how to go on from these. */
  readonly migrationVersion: Readonly<Record<string, string>>;
}

/** The last forms that Kibana and OpenSearch Dashboards, which was made of Kibana 7.10, have in common. */
const FORMS: Readonly<Record<SavedObjectType, string>> = { 'index-pattern': '7.6.0', visualization: '7.10.0', dashboard: '7.9.3' };
const PANEL_FORM = '7.10.0';

const SEARCH_INDEX = 'kibanaSavedObjectMeta.searchSourceJSON.index';

/** The index pattern, a visualization for each panel, and the dashboard; each comes after what it refers to. Importing them again replaces them. */
export function savedObjectsOf(target: SetupTarget, panels: readonly Panel[]): readonly SavedObject[] {
  const name = ownName(target);
  const pattern: Reference = { name: SEARCH_INDEX, type: 'index-pattern', id: name };
  const visualizations = panels.map((panel) => visualization(`${name}-${panel.id}`, panel, pattern));
  return [
    savedObject('index-pattern', name, { title: patternOf(target), timeFieldName: '@timestamp' }, []),
    ...visualizations,
    dashboard(name, patternOf(target), panels, visualizations),
  ];
}

/** As a file for the import: an object a line. */
export function ndjsonOf(objects: readonly SavedObject[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

function visualization(id: string, panel: Panel, pattern: Reference): SavedObject {
  const source = { query: { query: panel.query, language: 'lucene' }, filter: [], indexRefName: SEARCH_INDEX };
  const attributes = {
    title: `OpenStack: ${panel.title}`,
    description: panel.description,
    visState: JSON.stringify(visStateOf(panel)),
    uiStateJSON: '{}',
    version: 1,
    kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
  };
  return savedObject('visualization', id, attributes, [pattern]);
}

function dashboard(id: string, pattern: string, panels: readonly Panel[], visualizations: readonly SavedObject[]): SavedObject {
  const references = visualizations.map(({ id: of }, i) => ({ name: `panel_${i}`, type: 'visualization' as const, id: of }));
  const placed = panels.map(({ place, title }, i) => ({
    version: PANEL_FORM,
    gridData: { ...place, i: String(i + 1) },
    panelIndex: String(i + 1),
    embeddableConfig: {},
    title,
    panelRefName: `panel_${i}`,
  }));
  const attributes = {
    title: `OpenStack by trilog (${pattern})`,
    description: 'What happened in the cloud: labels, problems, and what nobody knows yet.',
    hits: 0,
    panelsJSON: JSON.stringify(placed),
    optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
    version: 1,
    timeRestore: true,
    timeFrom: 'now-24h',
    timeTo: 'now',
    refreshInterval: { pause: true, value: 0 },
    kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: { query: '', language: 'lucene' }, filter: [] }) },
  };
  return savedObject('dashboard', id, attributes, references);
}

function savedObject(
  type: SavedObjectType,
  id: string,
  attributes: Readonly<Record<string, unknown>>,
  references: readonly Reference[],
): SavedObject {
  return { type, id, attributes, references, migrationVersion: { [type]: FORMS[type] } };
}
