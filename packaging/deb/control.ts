/** What the control file is made of. */
export interface PackageFacts {
  /** npm's. */
  readonly version: string;
  /** Debian's name of the processor. */
  readonly architecture: string;
  readonly installedKiB: number;
  /** The Node.js for which the compiled parts were compiled: `20.20.2`. */
  readonly node: string;
  /** The shared libraries that they need, as dpkg-shlibdeps names them: `libc6 (>= 2.34), libssl3 (>= 3.0.0)`. */
  readonly libraries: string;
}

/** The least that package.json allows. */
const OLDEST_NODE = '20.19';

/** npm's version as one of Debian's: a pre-release comes before the release. */
export function debianVersion(version: string): string {
  return version.replace('-', '~');
}

/** Debian's name of this processor. @throws where there is none that is known. */
export function debianArchitecture(arch: string): string {
  switch (arch) {
    case 'x64':
      return 'amd64';
    case 'arm64':
      return 'arm64';
    default:
      throw new Error(`no package can be made for ${arch}`);
  }
}

/** The control file of the package (deb-control(5)). */
export function control({ version, architecture, installedKiB, node, libraries }: PackageFacts): string {
  // Add-ons are compiled for one binary interface, and that changes with the major version.
  const major = Number.parseInt(node, 10);
  const oldest = major === Number.parseInt(OLDEST_NODE, 10) ? OLDEST_NODE : major;
  return `Package: trilog
Version: ${debianVersion(version)}
Architecture: ${architecture}
Maintainer: trilog developers <trilog@localhost>
Installed-Size: ${installedKiB}
Depends: nodejs (>= ${oldest}), nodejs (<< ${major + 1}~), adduser, ${libraries}
Suggests: systemd (>= 246)
Section: admin
Priority: optional
Description: classifier and shipper of OpenStack logs
 trilog follows log files, Kafka topics and Fluent Forward senders, decodes
 what OpenStack's services write, says of every record what happened (rules,
 known log statements, a small model, if wanted a language model), and ships it
 to Elasticsearch, OpenSearch, Kafka, Fluent Forward or files.
 .
 Nothing is lost: an input is acknowledged when the outputs have stored it.
`;
}
