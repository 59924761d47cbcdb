// Writes the software bill of materials (CycloneDX, JSON) to standard output: the packages as npm knows them, Node, and the
// models with the digests of their files. With --debian, as the Dockerfile calls it, the Debian packages of this machine
// too, which is then the image. The same parts give the same bytes: sorted, with no time and no number of its own.
//   npm run --silent sbom > sbom.cdx.json
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** What npm says of the production packages. With `--omit=dev` it forgets those that a development package needs too,
 * so it is asked about a package and a lock file that know no development packages. */
function packages() {
  const { devDependencies: _, ...own } = readJson('package.json');
  const lock = readJson('package-lock.json');
  delete lock.packages[''].devDependencies;
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).filter(([, { dev, devOptional }]) => !dev && !devOptional),
  );
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const command = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
    return JSON.parse(execFileSync('npm', command, { cwd: folder, encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const models = globSync('artifacts/*/*/manifest.json')
  .toSorted()
  .map((file) => {
    const { model, version, description, license } = readJson(file);
    const sums = readFileSync(join(dirname(file), 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n');
    const digests = Object.fromEntries(sums.map((line) => line.split(/\s+/, 2).toReversed()));
    return {
      type: 'machine-learning-model',
      'bom-ref': `model:${model}@${version}`,
      name: model,
      version,
      description,
      licenses: [{ license: { name: license } }],
      hashes: [{ alg: 'SHA-256', content: digests['model.onnx'] }],
    };
  });

const { node } = process.versions;
const runtime = {
  type: 'platform',
  'bom-ref': `node@${node}`,
  name: 'node',
  version: node,
  description: 'Node.js, which runs it',
  licenses: [{ license: { id: 'MIT' } }],
  cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
  purl: `pkg:generic/node@${node}`,
};

function debianPackages() {
  const [, release] = /^VERSION_ID="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'));
  const format = '${Package} ${Version} ${Architecture}\n';
  const lines = execFileSync('dpkg-query', ['--show', '--showformat', format], { encoding: 'utf8' });
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [name, version, architecture] = line.split(' ');
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-${release}`;
      return { type: 'library', 'bom-ref': purl, name, version, purl };
    });
}

const byText = (text) => (a, b) => (text(a) < text(b) ? -1 : 1);

const { serialNumber: _, metadata, components, dependencies, ...bill } = packages();
const { timestamp: __, component, ...about } = metadata;
const debian = process.argv.includes('--debian') ? debianPackages() : [];
const parts = [...components, runtime, ...models, ...debian];
const { name } = readJson('package.json');
console.log(
  JSON.stringify(
    {
      ...bill,
      metadata: { ...about, component: { ...component, type: 'application', name } },
      components: parts.toSorted(byText((part) => part['bom-ref'])),
      dependencies: dependencies
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.toSorted() }))
        .toSorted(byText(({ ref }) => ref)),
    },
    null,
    2,
  ),
);
