import { z } from 'zod';

/** JSON within JSON. */
function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('no JSON');
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const query = z.strictObject({ query: z.string(), language: z.literal('lucene') });
const reference = z.strictObject({ name: z.string().min(1), type: z.enum(['index-pattern', 'visualization']), id: z.string().min(1) });
const meta = <T extends z.ZodType>(source: T) => z.strictObject({ searchSourceJSON: json(source) });

/** Aggregations of the classic visualizations, and the parts that they may play. */
const aggregation = z.strictObject({
  id: z.string().regex(/^\d+$/),
  enabled: z.literal(true),
  type: z.enum(['count', 'max', 'top_hits', 'date_histogram', 'terms', 'filters']),
  schema: z.enum(['metric', 'segment', 'group', 'bucket']),
  params: z.looseObject({ field: z.string().optional(), orderBy: z.string().optional() }),
});

const visState = z.strictObject({
  title: z.string().min(1),
  type: z.enum(['histogram', 'horizontal_bar', 'pie', 'table']),
  params: z.looseObject({}),
  aggs: z.array(aggregation).min(2),
});

const gridData = z.strictObject({
  x: z.int().min(0).max(47),
  y: z.int().min(0),
  w: z.int().min(1).max(48),
  h: z.int().min(1),
  i: z.string().min(1),
});

const common = { id: z.string().regex(/^trilog-[a-z0-9._-]+$/), references: z.array(reference) };
const form = <T extends string>(type: T) => z.strictObject({ [type]: z.string().regex(/^7\.\d+\.\d+$/) } as Record<T, z.ZodString>);

/**
 * What the import of Kibana and of OpenSearch Dashboards wants of an object, and what they need to show it, as their `_import` API
 * (https://www.elastic.co/docs/api/doc/kibana/operation/operation-importsavedobjectsdefault) and exports have it.
 */
export const savedObject = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('index-pattern'),
    ...common,
    // With a list of fields, even an empty one, OpenSearch Dashboards would not ask the server for them.
    attributes: z.strictObject({ title: z.string().min(1), timeFieldName: z.literal('@timestamp') }),
    migrationVersion: form('index-pattern'),
  }),
  z.strictObject({
    type: z.literal('visualization'),
    ...common,
    attributes: z.strictObject({
      title: z.string().min(1),
      description: z.string(),
      visState: json(visState),
      uiStateJSON: json(z.strictObject({})),
      version: z.literal(1),
      kibanaSavedObjectMeta: meta(z.strictObject({ query, filter: z.array(z.never()), indexRefName: z.string() })),
    }),
    migrationVersion: form('visualization'),
  }),
  z.strictObject({
    type: z.literal('dashboard'),
    ...common,
    attributes: z.strictObject({
      title: z.string().min(1),
      description: z.string(),
      hits: z.literal(0),
      panelsJSON: json(
        z.array(
          z.strictObject({
            version: z.string(),
            gridData,
            panelIndex: z.string(),
            embeddableConfig: z.strictObject({}),
            title: z.string(),
            panelRefName: z.string(),
          }),
        ),
      ),
      optionsJSON: json(z.strictObject({ useMargins: z.boolean(), hidePanelTitles: z.boolean() })),
      version: z.literal(1),
      timeRestore: z.literal(true),
      timeFrom: z.string(),
      timeTo: z.string(),
      refreshInterval: z.strictObject({ pause: z.boolean(), value: z.number() }),
      kibanaSavedObjectMeta: meta(z.strictObject({ query, filter: z.array(z.never()) })),
    }),
    migrationVersion: form('dashboard'),
  }),
]);
