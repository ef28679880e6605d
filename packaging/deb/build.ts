// npm run package:deb
import { relative } from 'node:path';
import { buildPackage } from './package.js';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const { file, bytes, installedKiB, without } = await buildPackage('dist-packages');
process.stdout.write(`${relative('.', file)}: ${megabytes(bytes)}, installed ${megabytes(installedKiB * 1024)}\n`);
for (const name of without) process.stderr.write(`without ${name}, which is not compiled here (npm ci with a C++ compiler)\n`);
