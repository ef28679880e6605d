import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../../stages/llm/completion.js';

/** Yesterday: an index of its date is believed. */
export const DAY = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

const UUID = '5f1c2a7e-3b64-4c1d-9a0e-7d2f6b8c9e01';
const BUILT = `INFO nova.compute.manager [-] [instance: ${UUID}] Took 9.95 seconds to build instance.`;
const FAILED = `ERROR nova.compute.manager [-] [instance: ${UUID}] Instance failed to spawn: nova.exception.NovaException: no`;
const REQUEST = `INFO nova.osapi_compute.wsgi.server [-] 192.0.2.40 "GET /v2.1/servers/${UUID} HTTP/1.1" status: 200  len: 1893 time: 0.0931811`;
const NOT_FOUND = REQUEST.replace('status: 200', 'status: 404');
const FULL =
  'WARNING cinder.scheduler.filters.capacity_filter [-] Insufficient free space for volume creation on host cinder@ceph#ceph (requested / avail): 2048/311.0';
const REPORT_FAILED = 'ERROR neutron.agent.l3.agent [-] Failed reporting state!';
const REPORTED = 'INFO neutron.agent.l3.agent [-] Successfully reported state after a previous failure.';
const WOBBLE = 'ERROR site.agent [-] Wobble of 10.0.0.1 refused';
const GIZMO = 'CRITICAL site.agent [-] Gizmo lost its marbles';
const SPROCKET = 'ERROR site.agent [-] Sprocket does not know its operator';

/** The logs of two hosts over three hours, by host and service: at which minute what is said. */
const LOGS: Readonly<Record<string, Readonly<Record<string, readonly (readonly [time: string, line: string])[]>>>> = {
  compute01: {
    'nova-compute': [
      ['10:01', BUILT],
      ['10:02', BUILT],
      ['10:03', FAILED],
      ['10:04', BUILT],
      ['10:05', FAILED],
      ['11:01', BUILT],
      ['11:30', FAILED],
      ['12:01', BUILT],
      ['12:02', BUILT],
      ['12:03', BUILT],
      ['12:04', BUILT],
    ],
    'neutron-l3-agent': [
      ['10:10', REPORT_FAILED],
      ['10:11', REPORTED],
    ],
    'site-agent': [
      ['10:20', WOBBLE],
      ['10:21', WOBBLE],
      ['11:40', GIZMO],
      ['12:20', WOBBLE],
    ],
  },
  control01: {
    'nova-api': [
      ['10:30', REQUEST],
      ['10:31', REQUEST],
      ['10:32', NOT_FOUND],
      ['10:33', REQUEST],
      ['10:34', REQUEST],
      ['10:35', REQUEST],
      ['11:31', REQUEST],
      ['11:32', REQUEST],
      ['12:31', NOT_FOUND],
      ['12:32', NOT_FOUND],
      ['12:33', NOT_FOUND],
    ],
    'cinder-scheduler': [
      ['11:05', FULL],
      ['11:06', FULL],
    ],
    'site-agent': [
      ['11:20', WOBBLE],
      ['11:21', WOBBLE],
      ['12:40', SPROCKET],
      ['12:41', SPROCKET],
    ],
  },
};

export const HOSTS = Object.keys(LOGS);
export const RECORDS = 34;

/** What the language model says: it knows one of the three templates for which there is no rule. */
export function labelling(_id: string, template: string): Answer {
  return template.includes('Sprocket') ? { label: 'auth.failure', confidence: 0.9 } : { label: 'other', confidence: 0.1 };
}

/** Writes each host's logs into a folder of its name. */
export function writeLogs(folder: string): void {
  for (const [host, services] of Object.entries(LOGS)) {
    mkdirSync(join(folder, host));
    for (const [service, lines] of Object.entries(services)) {
      const text = lines.map(([time, line]) => `${DAY} ${time}:00.000 7 ${line}\n`).join('');
      writeFileSync(join(folder, host, `${service}.log`), text);
    }
  }
}

/** What each panel has to show of it, with an hour a bucket: counted by hand. Groups and stages without records are left out. */
export const EXPECTED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'groups-over-time': {
    '10:00': { instance: 5, service: 2, api: 6, unclassified: 2 },
    '11:00': { instance: 2, api: 2, capacity: 2, unclassified: 3 },
    '12:00': { instance: 4, api: 3, auth: 2, unclassified: 1 },
  },
  'share-classified': { classified: 28, unclassified: 6 },
  labels: {
    'instance.lifecycle': 8,
    'api.request': 7,
    unclassified: 6,
    'api.client_error': 4,
    'instance.failure': 3,
    'auth.failure': 2,
    'capacity.shortage': 2,
    'service.health': 2,
  },
  'problems-by-host': {
    control01: { records: 4, newest: '12:41', of: { 'auth.failure': [2, '12:41'], 'capacity.shortage': [2, '11:06'] } },
    compute01: { records: 3, newest: '11:30', of: { 'instance.failure': [3, '11:30'] } },
  },
  stages: { rule: 26, llm: 2, none: 6 },
  'errors-by-service': {
    '10:00': { 'nova-compute': 2, 'site-agent': 2, 'neutron-l3-agent': 1 },
    '11:00': { 'site-agent': 3, 'nova-compute': 1 },
    '12:00': { 'site-agent': 3 },
  },
  'novel-over-time': { '10:00': 1, '11:00': 2, '12:00': 1 },
  'novel-templates': {
    'Sprocket does not know its operator': [1, '12:40'],
    'Gizmo lost its marbles': [1, '11:40'],
    'Wobble of <ip> refused': [2, '11:20'],
  },
  'unclassified-templates': { 'Wobble of <ip> refused': 5, 'Gizmo lost its marbles': 1 },
};
