import { Html, html } from './html.js';

const EVIL = `"><script>alert('1')</script>&amp;`;
const ESCAPED = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;';

describe('html', () => {
  it('escapes every text, between tags and in attributes', () => {
    expect(html`<p title="${EVIL}">${EVIL}</p>`.text).toBe(`<p title="${ESCAPED}">${ESCAPED}</p>`);
  });

  it('takes HTML, lists of it, numbers and nothing', () => {
    const items = [html`<b>${1}</b>`, new Html('<i></i>')];
    expect(html`${items}${undefined}${html`<hr />`}`.text).toBe('<b>1</b><i></i><hr />');
  });

  it('escapes once: what was made of a text is HTML', () => {
    expect(html`<b>${[html`<i>${'<'}</i>`]}</b>`.text).toBe('<b><i>&lt;</i></b>');
  });
});
