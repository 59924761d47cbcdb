// Writes the software bill of materials (CycloneDX, JSON) to standard output: the packages of the image as npm knows
// them and the models with the digests of their files.
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

const bill = packages();
bill.components.push(...models);
console.log(JSON.stringify(bill, null, 2));
