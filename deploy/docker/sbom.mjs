// Writes the software bill of materials (CycloneDX, JSON) to standard output: the production packages as npm knows them
// and the models with the digests of their files.
//   npm run --silent sbom > sbom.cdx.json
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const bill = JSON.parse(execFileSync('npm', ['sbom', '--omit=dev', '--omit=optional', '--sbom-format=cyclonedx'], { encoding: 'utf8' }));

for (const file of globSync('artifacts/*/*/manifest.json').toSorted()) {
  const { model, version, description, license } = JSON.parse(readFileSync(file, 'utf8'));
  const sums = readFileSync(`${dirname(file)}/SHA256SUMS`, 'utf8').trim().split('\n');
  const digests = Object.fromEntries(sums.map((line) => line.split(/\s+/, 2).toReversed()));
  bill.components.push({
    type: 'machine-learning-model',
    'bom-ref': `model:${model}@${version}`,
    name: model,
    version,
    description,
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: 'SHA-256', content: digests['model.onnx'] }],
  });
}
console.log(JSON.stringify(bill, null, 2));
