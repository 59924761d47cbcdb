/** Where the rows of one batch fall, until it is known whether they are recorded: some numbers a row, one after another. */
export class Marks {
  list: Uint32Array<ArrayBuffer>;
  length = 0;

  constructor(room: number) {
    this.list = new Uint32Array(room);
  }

  /** Makes room for as many more numbers. */
  reserve(numbers: number): void {
    const needed = this.length + numbers;
    if (needed <= this.list.length) return;
    const longer = new Uint32Array(Math.max(needed, 2 * this.list.length));
    longer.set(this.list);
    this.list = longer;
  }
}
