import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { PROFILES } from '../../../../../plugins/outputs/search/client.js';
import { mappingOf } from '../../../../../plugins/outputs/search/mappings.js';
import { type Panel, panelsOf } from '../../../../../plugins/outputs/search/setup/panels.js';
import { ndjsonOf, savedObjectsOf } from '../../../../../plugins/outputs/search/setup/saved-objects.js';
import { defaultTarget } from '../../../../../plugins/outputs/search/setup/target.js';
import { labelSetsOf } from '../../../../../src/commands/setup-labels.js';
import { PACKAGE_ROOT } from '../../../../../src/paths.js';
import { loadTaxonomy } from '../../../../../src/stages/taxonomy.js';
import { savedObject } from './saved-object-schema.js';

const LABELS = labelSetsOf(loadTaxonomy());

function objectsOf(profile: (typeof PROFILES)[number]) {
  return savedObjectsOf(defaultTarget(profile), panelsOf(profile, LABELS)).map((object) => savedObject.parse(object));
}

for (const profile of PROFILES) {
  test(`every saved object for ${profile} has what an import needs`, (t) => {
    const objects = objectsOf(profile);
    t.is(new Set(objects.map(({ type, id }) => `${type} ${id}`)).size, objects.length);
    t.is(objects.filter(({ type }) => type === 'visualization').length, 9);
  });

  test(`references of ${profile} lead to objects of the file that come before`, (t) => {
    const before = new Set<string>();
    for (const object of objectsOf(profile)) {
      for (const { type, id } of object.references) t.true(before.has(`${type} ${id}`), `${object.id} -> ${id}`);
      before.add(`${object.type} ${object.id}`);
      const names = object.references.map(({ name }) => name);
      if (object.type === 'visualization') t.deepEqual(names, [object.attributes.kibanaSavedObjectMeta.searchSourceJSON.indexRefName]);
      if (object.type === 'dashboard')
        t.deepEqual(
          object.attributes.panelsJSON.map(({ panelRefName }) => panelRefName),
          names,
        );
    }
  });

  test(`the panels of ${profile} lie in the grid and on none of each other`, (t) => {
    const taken = new Map<string, string>();
    for (const { id, place } of panelsOf(profile, LABELS)) {
      t.true(place.x + place.w <= 48, id);
      for (let x = place.x; x < place.x + place.w; x++)
        for (let y = place.y; y < place.y + place.h; y++) {
          t.is(taken.get(`${x} ${y}`), undefined, id);
          taken.set(`${x} ${y}`, id);
        }
    }
  });

  test(`aggregations of ${profile} have names of their own, and sort by one that is there`, (t) => {
    for (const object of objectsOf(profile)) {
      if (object.type !== 'visualization') continue;
      const { aggs } = object.attributes.visState;
      const ids = aggs.map(({ id }) => id);
      t.is(new Set(ids).size, ids.length, object.id);
      for (const { params } of aggs) if (params.orderBy !== undefined) t.true(ids.includes(params.orderBy), object.id);
    }
  });

  test(`ids of ${profile} are the same each time, so that importing again replaces`, (t) => {
    t.is(
      ndjsonOf(savedObjectsOf(defaultTarget(profile), panelsOf(profile, LABELS))),
      ndjsonOf(savedObjectsOf(defaultTarget(profile), panelsOf(profile, LABELS))),
    );
  });

  test(`every field that a panel of ${profile} groups by can be grouped by`, (t) => {
    for (const engine of ['elasticsearch', 'opensearch'] as const)
      for (const field of panelsOf(profile, LABELS).flatMap(fieldsOf)) t.is(typeOf(mappingOf(profile, engine), field), 'keyword', field);
  });
}

function fieldsOf({ buckets }: Panel): string[] {
  return buckets.flatMap((bucket) => (bucket.by === 'terms' ? [bucket.field] : []));
}

/** The type of a field, also of one that is beside another (`Hostname.keyword`). */
function typeOf(mapping: unknown, field: string): string | undefined {
  let at = mapping as Record<string, Record<string, unknown>> | undefined;
  for (const part of field.split('.')) {
    const next = at?.['properties']?.[part] ?? at?.['fields']?.[part];
    at = next as typeof at;
  }
  return at?.['type'] as string | undefined;
}

test('two targets on one server have dashboards of their own', (t) => {
  const ids = PROFILES.flatMap((profile) => objectsOf(profile).map(({ type, id }) => `${type} ${id}`));
  t.is(new Set(ids).size, ids.length);
});

for (const profile of PROFILES) {
  test(`examples/dashboards/${profile}.ndjson is what trilog writes; TRILOG_UPDATE_EXAMPLES=1 makes it anew`, (t) => {
    const file = join(PACKAGE_ROOT, 'examples', 'dashboards', `${profile}.ndjson`);
    const made = ndjsonOf(savedObjectsOf(defaultTarget(profile), panelsOf(profile, LABELS)));
    if (process.env['TRILOG_UPDATE_EXAMPLES'] === '1') writeFileSync(file, made);
    t.true(readFileSync(file, 'utf8') === made, 'it is out of date');
  });
}
