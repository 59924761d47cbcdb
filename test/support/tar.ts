import { Header, type HeaderData } from 'tar/header';
import { Pax } from 'tar/pax';

/** One entry of a tar made by hand. A `name` that begins with `pax:` or `gnu:` stands in a header of its own. */
export interface Entry {
  readonly name: string;
  readonly body?: Buffer | string;
  readonly type?: NonNullable<HeaderData['type']>;
  readonly linkpath?: string;
  /** What the header says of the length, where that is not the truth. */
  readonly size?: number;
}

export const END_MARK = Buffer.alloc(1024);

/** A tar of any entries, also of those that no tool would write. */
export function tarOf(entries: readonly Entry[], end: Buffer = END_MARK): Buffer {
  return Buffer.concat([...entries.map((entry) => entryOf(entry)), end]);
}

/** A header with its body, padded to whole blocks. */
export function entryOf({ name, body = '', type = 'File', linkpath, size }: Entry): Buffer {
  const bytes = Buffer.from(body);
  const [, form, long] = /^(pax|gnu):([^]*)$/.exec(name) ?? [];
  const header = new Header({
    path: form === undefined ? name : 'short',
    type,
    size: size ?? bytes.length,
    mode: 0o644,
    mtime: new Date(1e12),
    ...(linkpath !== undefined && { linkpath }),
  });
  header.encode();
  const before =
    form === 'pax'
      ? new Pax({ path: long! }).encode()
      : form === 'gnu'
        ? entryOf({ name: '././@LongLink', type: 'NextFileHasLongPath', body: `${long}\0` })
        : Buffer.of();
  return Buffer.concat([before, header.block!, bytes, Buffer.alloc(-bytes.length & 511)]);
}
