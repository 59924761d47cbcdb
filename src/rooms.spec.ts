import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

const SRC = import.meta.dirname;
const ARCHITECTURE = readFileSync(join(SRC, '..', 'docs', 'architecture.md'), 'utf8');

interface Source {
  readonly room: string;
  readonly name: string;
  readonly text: string;
  /** Rooms that it imports from, types included. */
  readonly uses: readonly string[];
  readonly packages: readonly string[];
}

const roomOf = (path: string): string => relative(SRC, path).split(sep)[0]!;

/** Every source file but specs, which may use whatever they test with, and what stands above the rooms. */
const SOURCES: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.includes(sep) && name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  .map((name) => {
    const text = readFileSync(join(SRC, name), 'utf8');
    const paths = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, path]) => path!);
    const room = roomOf(join(SRC, name));
    const uses = paths
      .filter((path) => path.startsWith('.'))
      .map((path) => roomOf(resolve(SRC, name, '..', path)));
    return {
      room,
      name,
      text,
      uses: uses.filter((used) => used !== room),
      packages: paths.filter((path) => !path.startsWith('.')),
    };
  });

/** The rooms as the table in docs/architecture.md lists them, top down. */
const TABLE = [...ARCHITECTURE.matchAll(/^\| `([a-z]+)\/`/gm)].map(([, room]) => room!);

const CORE = ['pipeline', 'models', 'runners'];
const faults = (isFault: (source: Source) => boolean): string[] =>
  SOURCES.filter(isFault).map(({ name }) => name);

describe('the rooms of src/', () => {
  it('are those of the table in docs/architecture.md', () => {
    expect(new Set(TABLE)).toEqual(new Set(SOURCES.map(({ room }) => room)));
  });

  it('use what stands below them in that table, and never what stands above', () => {
    const upwards = SOURCES.flatMap(({ room, name, uses }) =>
      uses
        // A command may make the whole application.
        .filter((used) => !(room === 'cli' && used === 'app.setup.js'))
        .filter((used) => TABLE.indexOf(used) <= TABLE.indexOf(room))
        .map((used) => `${name} uses ${used}/`),
    );
    expect(upwards).toEqual([]);
  });

  it('keep HTTP out of the core', () => {
    const isHttp = (name: string): boolean => /fastify|^node:http/.test(name);
    expect(faults(({ room, packages }) => CORE.includes(room) && packages.some(isHttp))).toEqual([]);
    expect(
      faults(
        ({ room, uses }) => CORE.includes(room) && uses.some((used) => ['http', 'doors'].includes(used)),
      ),
    ).toEqual([]);
  });

  it('know onnxruntime in runners/ alone, the environment in config/ (else inject AppConfig), and SQL in state/', () => {
    const knows = (pattern: RegExp, room: string): string[] =>
      faults((source) => source.room !== room && pattern.test(source.text));

    expect(knows(/from 'onnxruntime|import\('onnxruntime/, 'runners')).toEqual([]);
    expect(knows(/process\.env\b|from '(node:)?process'/, 'config')).toEqual([
      // Set before the runtime is loaded; nothing is read.
      ...knows(/process\.env\['ORT_DISABLE_TELEMETRY'\] = '1'/, 'config'),
    ]);
    expect(knows(/node:sqlite|better-sqlite3|from 'pg'/, 'state')).toEqual([]);
  });
});

/** What a room may know of Nest's exceptions; a class of `errors/` has a code, a status and a line for developers. */
const EXCEPTIONS: Readonly<Record<string, RegExp>> = {
  http: /^(Http|NotFound)Exception$/,
  doors: /^NotFoundException$/,
  health: /^ServiceUnavailableException$/,
};

describe('refusals', () => {
  it("are errors of errors/, not Nest's exceptions", () => {
    const thrown = SOURCES.flatMap(({ name, room, text }) =>
      [...text.matchAll(/(?<!\.)\b[A-Z]\w+Exception\b/g)]
        .filter(([exception]) => !EXCEPTIONS[room]?.test(exception))
        .map(([exception]) => `${name} knows ${exception}: throw a class of errors/ instead`),
    );
    expect(thrown).toEqual([]);
  });
});

describe('the settings', () => {
  it('are read when the program starts, and injected as AppConfig: a decorator would read them before .env', () => {
    const others = SOURCES.filter(({ room }) => room !== 'cli' && room !== 'config').flatMap(
      ({ name, text }) =>
        [...text.matchAll(/AppConfig\.(?:load|environment|from)\(|(?<=import .*)\bSETTINGS\b/g)].map(
          ([read]) => `${name} reads ${read}: take AppConfig in the constructor of the class that needs it`,
        ),
    );
    expect(others).toEqual([]);
  });
});

describe('the files of src/', () => {
  const lengths = SOURCES.map(({ text }) => text.split('\n').length - 1).toSorted((a, b) => a - b);

  it('are short: half of them have at most 60 lines, nine of ten at most 150', () => {
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(60);
    expect(lengths.filter((length) => length > 150).length).toBeLessThanOrEqual(lengths.length / 10);
  });
});

describe('docs/architecture.md', () => {
  const [way = ''] = /### A field's way[^]*?\n\n(?=Where)/.exec(ARCHITECTURE) ?? [];

  it('names files that are there', () => {
    const named = [...ARCHITECTURE.matchAll(/`(?:src\/)?([a-z*./-]+\.ts)`/g)].map(([, file]) => file!);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((file) => globSync([file, `*/${file}`], { cwd: SRC }).length === 0)).toEqual([]);
  });

  it('leads a field through as many files, and back as often, as it says', () => {
    const [, files, turnings, arrows] = /\*\*(\d+) files, (\d+) turning[^*]*\*\*: ([^]*?)\. /.exec(way)!;
    expect(arrows!.match(/`[^`]+`/g)).toHaveLength(Number(files));
    expect(arrows!.match(/←/g)).toHaveLength(Number(turnings));
  });

  it('names as many concepts as it says', () => {
    const [, count, list] = /\*\*(\d+) concepts\*\*: ([^.]*)\./.exec(way)!;
    expect(list!.split(',')).toHaveLength(Number(count));
  });
});
