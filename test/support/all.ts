/** All that comes, in its order. */
export async function all<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const step of steps) taken.push(step);
  return taken;
}
