/**
 * What the page that asks for a key does. The key is a variable of this script: it is written nowhere, and is gone with
 * the tab or a reload. Pages are fetched with it and put in the place of this one, so their scripts run under the policy
 * of this page alone; links to other pages of this server are fetched in the same way.
 */
export const KEY_SCRIPT = `{
let key = '';
// The address of what is shown, without the place in it.
let shown;
const asking = document.body;
const field = document.getElementById('key');
const said = document.getElementById('said');
// They stay right when the address is another one.
for (const link of document.querySelectorAll('a, link')) link.href = link.href;

const pageOf = (url) => String(url).split('#', 1)[0];
const send = (url) => fetch(url, {
  headers: { authorization: 'Bearer ' + key, accept: 'text/html, */*;q=0.8' }, cache: 'no-store', credentials: 'omit',
});

async function open(url, isNew) {
  let reply;
  try {
    if (!/^[\\x21-\\x7e]+$/.test(key)) throw new Error('A key is one word of letters, digits, _ and -.');
    reply = await send(url);
    if (reply.status === 401 || reply.status === 403) throw new Error(sentence((await reply.json()).detail));
  } catch (error) {
    return ask(error.message);
  }
  const type = reply.headers.get('content-type') ?? '';
  const text = type.startsWith('image/') ? '' : await reply.text();
  const made = type.startsWith('text/html')
    ? new DOMParser().parseFromString(text, 'text/html')
    : plain(url, type, type.startsWith('image/') ? await reply.blob() : text);
  // Such pages need scripts of their own, and are open to all.
  if (made.querySelector('script[src]')) return location.assign(url);
  if (isNew) history.pushState(null, '', url);
  show(made, url);
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + '.';

function ask(what) {
  shown = undefined;
  if (document.body !== asking) document.body.replaceWith(asking);
  said.textContent = what;
  field.focus();
  field.select();
}

function show(made, url) {
  shown = pageOf(url);
  document.title = made.title;
  const body = document.adoptNode(made.body);
  const images = [...body.querySelectorAll('img[src]:not([src^="blob:"])')];
  for (const image of images) {
    image.dataset.src = image.getAttribute('src');
    image.removeAttribute('src');
  }
  document.body.replaceWith(body);
  for (const image of images) seen.observe(image);
  // A parsed script does not run; a new one does where the policy knows it.
  for (const script of body.querySelectorAll('script')) {
    const again = document.createElement('script');
    again.textContent = script.textContent;
    script.replaceWith(again);
  }
  const place = new URL(url, location.href).hash.slice(1);
  if (place) document.getElementById(place)?.scrollIntoView();
  else scrollTo(0, 0);
}

// Pictures are fetched with the key as well, when somebody is about to see them.
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    send(target.dataset.src)
      .then((reply) => reply.ok && reply.blob())
      .then((blob) => blob && (target.src = URL.createObjectURL(blob)))
      .catch(() => undefined);
  }
});

// What is no page: JSON, text, a picture.
function plain(url, type, content) {
  const made = document.implementation.createHTMLDocument(new URL(url, location.href).pathname);
  const main = made.createElement('main');
  main.className = 'page';
  const item = made.createElement(typeof content === 'string' ? 'pre' : 'img');
  if (item.tagName === 'IMG') item.src = URL.createObjectURL(content);
  else item.textContent = /[/+]json/.test(type) ? indented(content) : content;
  main.append(item);
  made.body.append(asking.querySelector('.bar').cloneNode(true), main);
  return made;
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

document.getElementById('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  key = field.value.trim();
  void open(location.href, false);
});
addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  const isOther = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || isOther || key === '' || event.defaultPrevented) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || pageOf(url) === shown) return;
  event.preventDefault();
  void open(url.href, true);
});
addEventListener('popstate', () => {
  if (key !== '' && pageOf(location.href) !== shown) void open(location.href, false);
});
}`;
