type Task = () => unknown;

const tasks: Task[] = [];

/** Has `task` run when the test file is done, the last one first: who opens something says here how it is closed. */
export function atEnd(task: Task): void {
  tasks.push(task);
}

/** Does all that was asked for, for `set-up.ts`. */
export async function cleanUp(): Promise<void> {
  for (const task of tasks.splice(0).toReversed()) await task();
}
