/** Whether tensors of the two shapes can be the same; -1 is a free dimension. */
export function shapesAgree(one: readonly number[], other: readonly number[]): boolean {
  return (
    one.length === other.length &&
    one.every((size, place) => size === -1 || other[place] === -1 || size === other[place])
  );
}

/** A tensor as faults name it, e.g. `features FP64 [-1, 20]`. */
export function tensorText(name: string, datatype: string, shape: readonly number[]): string {
  return `${name} ${datatype} [${shape.join(', ')}]`;
}
