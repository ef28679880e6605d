import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { folderWith, trilog } from '../commands/trilog.js';

const folder = join(PACKAGE_ROOT, 'examples', 'kubernetes');

interface Named {
  readonly name: string;
}

/** As much of Kubernetes' objects as is looked at. */
interface Manifest {
  readonly kind: string;
  readonly metadata: Named;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: Pod };
  };
}

interface Pod {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly (Named & { readonly configMap?: Named })[];
}

interface Container {
  readonly env?: readonly Named[];
  readonly ports?: readonly (Named & { readonly containerPort: number })[];
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly volumeMounts: readonly Named[];
}

const ADDRESS = '192.0.2.1';

for (const name of readdirSync(folder)) {
  const documents = parseAllDocuments(readFileSync(join(folder, name), 'utf8'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const settings = manifests.find(({ kind }) => kind === 'ConfigMap');
  const spec = manifests.find((manifest) => manifest.spec !== undefined)?.spec;

  test(`${name}: its configuration passes trilog check with the variables that the pod gets`, (t) => {
    t.deepEqual(
      documents.flatMap(({ errors }) => errors),
      [],
    );
    const directory = folderWith(t, { 'trilog.yaml': settings?.data?.['trilog.yaml'] ?? '' });
    const variables = (spec?.template.spec.containers[0]?.env ?? []).map((variable) => [variable.name, ADDRESS]);
    const environment = { PATH: process.env['PATH'], HOME: directory, ...Object.fromEntries(variables) };
    const { status, err } = trilog(['check', '-c', join(directory, 'trilog.yaml')], '', environment);
    t.is(status, 0, err);
  });

  test(`${name}: its parts name each other`, (t) => {
    t.deepEqual(spec?.selector.matchLabels, spec?.template.metadata.labels);
    const { containers = [], initContainers = [], volumes = [] } = spec?.template.spec ?? {};
    const mounted = [...containers, ...initContainers].flatMap(({ volumeMounts }) => volumeMounts.map((mount) => mount.name));
    t.deepEqual([...new Set(mounted)].sort(), volumes.map((volume) => volume.name).sort());
    t.is(volumes.find(({ configMap }) => configMap !== undefined)?.configMap?.name, settings?.metadata.name);
    const [container] = containers;
    const port = container?.ports?.find((one) => one.name === container.livenessProbe?.httpGet.port);
    t.true(settings?.data?.['trilog.yaml']?.includes(`listen: "\${POD_IP}:${port?.containerPort}"`));
  });
}

test('the Dockerfile makes the package with scripts that there are', (t) => {
  const dockerfile = readFileSync(join(PACKAGE_ROOT, 'examples', 'container', 'Dockerfile'), 'utf8');
  const { scripts, version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'));
  for (const [, script = ''] of dockerfile.matchAll(/npm run (\S+)/g)) t.true(script in scripts, script);
  for (const name of readdirSync(folder)) t.regex(readFileSync(join(folder, name), 'utf8'), new RegExp(`image: trilog:${version}\\n`));
});
