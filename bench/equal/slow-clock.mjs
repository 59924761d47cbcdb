// Loaded before a server that is compared: its clock of durations goes a thousand times slower. How many rows share a
// run follows from how long runs took, and a matrix product may come out otherwise in its last digit among other rows;
// so the same calls would get other digits at each run. Slowed, every run takes as many rows as a run may have.
const now = performance.now.bind(performance);
performance.now = () => now() / 1_000;
