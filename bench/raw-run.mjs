// Bulk, the bare runtime: answers `{rows, chunk}` messages with the milliseconds of session.run over encoded rows.
// Nothing else is in the figure: no HTTP, no JSON, no check, no decoding, no record.
process.env.ORT_DISABLE_TELEMETRY = '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');
const { readFile } = await import('node:fs/promises');
const { join } = await import('node:path');

const folder = process.argv[2];
const { encoding, tensors } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
const session = await InferenceSession.create(await readFile(join(folder, 'model.onnx')), {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
});
const [input] = tensors.inputs;
const [output] = tensors.outputs;
const width = encoding.columns.length;
let data;

process.on('message', (order) => void answer(order));
process.on('disconnect', () => process.exit());
process.send('ready');

async function answer({ rows, chunk }) {
  if (rows !== undefined) data = encode(rows);
  process.send(await time(chunk));
}

async function time(chunk) {
  const count = data.length / width;
  const raw = [];
  const started = performance.now();
  for (let start = 0; start < count; start += chunk) {
    const end = Math.min(count, start + chunk);
    const tensor = new Tensor('float64', data.subarray(start * width, end * width), [end - start, width]);
    raw.push((await session.run({ [input.name]: tensor }, [output.name]))[output.name].data);
  }
  return {
    ms: performance.now() - started,
    positive: raw.reduce((sum, part) => sum + part.filter((x) => x > 0).length, 0),
  };
}

function encode(rows) {
  const encoded = new Float64Array(rows.length * width);
  for (const [index, row] of rows.entries()) {
    for (const [place, { input: name, table }] of encoding.columns.entries()) {
      encoded[index * width + place] = table === undefined ? row[name] : (table[row[name]] ?? 0);
    }
  }
  return encoded;
}
