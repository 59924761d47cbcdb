/**
 * The one stylesheet of every page of Nestor's own, and of the bar above Swagger UI and ReDoc: what it says of
 * elements, it says of those in the bar and on a page of ours alone.
 */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --raised: #f6f8f8; --ink: #17201f; --faint: #5a6866; --line: #dde4e3;
  --accent: #0f766e; --ready: #15803d; --loading: #a16207; --refused: #b91c1c; --code: #eef3f2; }
@media (prefers-color-scheme: dark) {
  :root { --back: #111716; --raised: #18201f; --ink: #e3eae9; --faint: #9aaaa7; --line: #2b3735;
    --accent: #5eead4; --ready: #4ade80; --loading: #facc15; --refused: #fca5a5; --code: #1d2725; }
}
body { margin: 0; background: var(--back); color: var(--ink); }
.bar, .page { font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; padding: .6rem 1.25rem;
  background: var(--raised); border-bottom: 1px solid var(--line); font-size: .9375rem; }
.bar a { color: var(--ink); text-decoration: none; }
.bar a:hover { color: var(--accent); text-decoration: underline; }
.bar .name { display: inline-flex; align-items: center; gap: .55rem; margin-right: auto; font-weight: 650;
  font-size: 1.0625rem; text-decoration: none; }
.bar .name svg { width: 1.75rem; height: 1.75rem; }
.bar .name small { color: var(--faint); font-weight: 400; font-size: .8125rem; }
.bar [aria-current] { color: var(--accent); font-weight: 600; }
.page { box-sizing: border-box; max-width: 68rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem;
  overflow-wrap: break-word; }
.text { max-width: 50rem; }
.page h1 { font-size: 1.75rem; line-height: 1.25; margin: .5rem 0 .25rem; }
.page h2 { font-size: 1.25rem; margin: 2.25rem 0 .5rem; }
.page h3 { font-size: 1.0625rem; margin: 1.5rem 0 .5rem; }
.page a { color: var(--accent); text-underline-offset: .15em; }
.page code, .page pre { font: .875em/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.page code { background: var(--code); border-radius: .25rem; padding: .1em .3em; overflow-wrap: anywhere; }
.page pre { background: var(--code); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; overflow-x: auto; }
.page pre code { background: none; padding: 0; font-size: .8125rem; overflow-wrap: normal; }
.page table { border-collapse: collapse; display: block; overflow-x: auto; }
.page th, .page td { border-bottom: 1px solid var(--line); padding: .4rem .8rem .4rem 0; text-align: left;
  vertical-align: top; }
.page th { color: var(--faint); font-weight: 600; white-space: nowrap; }
.page td code { overflow-wrap: normal; }
.page img { max-width: 100%; height: auto; background: #fff; border-radius: .5rem; border: 1px solid var(--line); }
.page .faint, .page dt { color: var(--faint); }
.page .ready { --state: var(--ready); } .page .loading { --state: var(--loading); }
.page .refused, .page .failing { --state: var(--refused); }
.page .models { list-style: none; margin: 1rem 0; padding: 0; border: 1px solid var(--line); border-radius: .75rem;
  overflow: hidden; }
.page .models > li + li { border-top: 1px solid var(--line); }
.page summary { display: grid; grid-template-columns: 11.5rem 1fr auto; gap: 0 1rem; align-items: baseline;
  padding: .6rem 1rem; cursor: pointer; list-style: none; }
.page summary::-webkit-details-marker { display: none; }
.page summary:hover, .page details[open] > summary { background: var(--raised); }
.page summary b { overflow-wrap: anywhere; }
.page summary b::before { content: '▸'; display: inline-block; width: 1.1em; color: var(--faint); font-weight: 400; }
.page details[open] > summary b::before { content: '▾'; }
.page .state { color: var(--state); font-size: .875rem; white-space: nowrap; }
.page .state::before { content: ''; display: inline-block; width: .55em; height: .55em; border-radius: 50%;
  background: var(--state); margin-right: .45em; }
.page .why { grid-column: 2 / -1; color: var(--refused); font-size: .875rem; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.page bdi { unicode-bidi: isolate; }
.page .more { padding: .25rem 1rem 1rem 2.1rem; background: var(--raised); }
.page .more dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; font-size: .9375rem; }
.page .more dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.page .curl { position: relative; }
.page .curl pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 16rem; overflow-y: auto; padding-right: 4.5rem; }
.page .curl code { overflow-wrap: anywhere; }
.page .curl button { position: absolute; top: .5rem; right: .5rem; font: inherit; font-size: .8125rem; cursor: pointer;
  color: var(--ink); background: var(--back); border: 1px solid var(--line); border-radius: .375rem; padding: .1rem .6rem; }
.page .links { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0; padding: 0; list-style: none; }
.page .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .6rem; }
.page .plots img { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain; }
.page .checks { list-style: none; padding: 0; max-width: 50rem; }
.page .checks li { border-top: 1px solid var(--line); padding: .5rem 0; }
.page .checks p { margin: .15rem 0 0; }
.page svg { display: block; max-width: 40rem; height: auto; font-size: 14px; }
.page .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 22rem)); gap: 1rem; }
.page figure { margin: 0; } .page figcaption { color: var(--faint); text-align: center; }
.page .key span { color: var(--faint); margin-right: 1.25rem; } .page .key .candidate { color: var(--accent); }
.page .key span::before { content: '━ '; }
.page [type='search'] { box-sizing: border-box; width: 100%; font: inherit; padding: .4rem .8rem;
  color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: .5rem; }
.page .ask { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: 1.25rem 0 .5rem; }
.page .ask input { flex: 1 1 16rem; min-width: 0; font: inherit; padding: .4rem .8rem; color: inherit;
  background: var(--back); border: 1px solid var(--line); border-radius: .5rem; }
.page .ask button { font: inherit; cursor: pointer; color: var(--back); background: var(--accent);
  border: 1px solid var(--accent); border-radius: .5rem; padding: .4rem 1.25rem; }
.page [role='alert'] { color: var(--refused); min-height: 1.55em; margin: 0; }
#choice { max-width: 72rem; padding: .75rem 1rem; }
#choice:not([hidden]) { display: flex; gap: 1rem; align-items: center; }
#choice label { white-space: nowrap; }
.page .features summary { grid-template-columns: minmax(11.5rem, max-content) 1fr auto; }
.page .features svg { max-width: 28rem; margin-top: .5rem; }
.page time { white-space: nowrap; }
.page .compact summary { padding-top: .25rem; padding-bottom: .25rem; }
.page .compact details:not([open]) .what { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
@media (max-width: 40rem) {
  .bar, .page { padding-left: 1rem; padding-right: 1rem; }
  .bar { gap: .25rem .75rem; font-size: .8125rem; }
  .bar .name { width: 100%; }
  .page summary, .page .features summary { grid-template-columns: 1fr auto; }
  .page summary .what { order: 1; grid-column: 1 / -1; padding-left: 1.1em; font-size: .9375rem; color: var(--faint); }
  .page summary .why { order: 2; grid-column: 1 / -1; padding-left: 1.2em; }
  .page .more { padding-left: 1rem; }
  .page .curl pre { padding: 2.5rem 1rem .75rem; }
  .page .more dl { grid-template-columns: 1fr; } .page .more dd { margin-bottom: .35rem; }
}
`;
