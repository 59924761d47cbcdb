import 'reflect-metadata';
import { tookTooMuch, watchThisProcess } from '../runners/watched-process.js';

// The child process of `checkCandidate`: `node candidate.js <folder> <memory in bytes> <process id of the parent>`.
// It is `nestor check <folder> --json` under a watchdog, and behind everybody else for processor and memory.
const [folder, memory, parent] = process.argv.slice(2);
const memoryBytes = Number(memory);
const lastWords = JSON.stringify({ servable: false, reason: tookTooMuch('the candidate', memoryBytes) });
await watchThisProcess({ memoryBytes, parent: Number(parent), lastWords });
const { reportVersion } = await import('./check-version.js');
process.exitCode = await reportVersion(folder!, true);
