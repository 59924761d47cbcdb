import { EntryNames } from './entry-names.js';

const claim = (...names: string[]): string[] => {
  const taken = new EntryNames(1_000);
  return names.map((name) => taken.claim(name, name.endsWith('/') || name === '.' ? 'folder' : 'file'));
};

describe('the names of an archive', () => {
  it('are taken as they are below the folder, with or without ./ before them', () => {
    expect(claim('./', './plots/', './plots/roc curve.svg', 'model.onnx', 'a/b_c/d-1.0+x@2,y=3')).toEqual([
      '',
      'plots',
      'plots/roc curve.svg',
      'model.onnx',
      'a/b_c/d-1.0+x@2,y=3',
    ]);
  });

  it.each([
    ['/etc/passwd', 'has an absolute name'],
    ['/', 'has an absolute name'],
    ['.//etc/passwd', 'has an absolute name'],
    ['..', 'leads out of the folder by ".."'],
    ['../evil', 'leads out of the folder by ".."'],
    ['a/../../evil', 'leads out of the folder by ".."'],
    ['./../evil', 'leads out of the folder by ".."'],
    ['a/..', 'leads out of the folder by ".."'],
    ['a//b', 'has an empty part in its name'],
    ['a/./b', 'has an empty part in its name'],
    ['././a', 'has an empty part in its name'],
    ['a//', 'has an empty part in its name'],
    ['.hidden', 'is hidden: its name begins with a dot'],
    ['._model.onnx', 'is hidden: its name begins with a dot'],
    ['plots/.DS_Store', 'is hidden: its name begins with a dot'],
    ['.../a', 'is hidden: its name begins with a dot'],
    ['a\\b', 'has a name that not every disk can hold'],
    ['C:a', 'has a name that not every disk can hold'],
    ['a\0b', 'has a name that not every disk can hold'],
    ['a\nb', 'has a name that not every disk can hold'],
    ['caf\u00e9', 'has a name that not every disk can hold'],
    ['\u202egpj.onnx', 'has a name that not every disk can hold'],
    ['a\ufffdb', 'has a name that not every disk can hold'],
    ['a.', 'has a name that not every disk can hold'],
    ['a /b', 'has a name that not every disk can hold'],
    [' a', 'has a name that not every disk can hold'],
    ['-rf', 'has a name that not every disk can hold'],
    ['a'.repeat(256), 'has a name of more than 255 characters'],
    ['a/'.repeat(8) + 'a', 'lies more than 8 folders deep'],
  ])('are refused: %j %s', (name, what) => {
    const shown = JSON.stringify(name.slice(0, 200));

    expect(() => claim(name)).toThrow(`the archive's entry ${shown} ${what}; `);
  });

  it('are refused where a file has no name', () => {
    expect(() => new EntryNames(1).claim('', 'file')).toThrow('has an empty part in its name');
    expect(() => new EntryNames(1).claim('./', 'file')).toThrow('has an empty part in its name');
    expect(() => new EntryNames(1).claim('a/', 'file')).toThrow('has an empty part in its name');
  });

  it.each([
    [['model.onnx', 'model.onnx'], 'is there twice'],
    [['model.onnx', './model.onnx'], 'is there twice'],
    [['Model.onnx', 'model.onnx'], 'differs from "Model.onnx" in capital letters alone'],
    [['Plots/a', 'plots/b'], 'differs from "Plots" in capital letters alone'],
    [['a', 'a/b'], 'makes "a" both a file and a folder'],
    [['a/b', 'a'], 'makes "a" both a file and a folder'],
    [['a/', 'a'], 'makes "a" both a file and a folder'],
  ])('are taken once: %j', (names, what) => {
    expect(() => claim(...names)).toThrow(what);
  });

  it('may name a folder again', () => {
    expect(claim('plots/', 'plots/a', 'plots/', 'plots/b')).toHaveLength(4);
  });

  it('are counted', () => {
    const names = new EntryNames(2);
    names.claim('a', 'file');
    names.claim('b/', 'folder');

    expect(() => names.claim('c', 'file')).toThrow('the archive has more than 2 entries; ');
  });
});
