/** Above the pages of Swagger UI and ReDoc, where there are many models. */
export const CHOICE = `<form id="choice" class="page" hidden>
  <label for="model">Find a model</label>
  <input type="search" id="model" name="model" list="models">
  <datalist id="models"></datalist>
</form>`;

/**
 * A function for the scripts of both pages. They work through the whole document before they show any of it, for a hundred
 * models some seconds long: of many they get one, and the page a field to find another.
 */
export const READ_DOCUMENT = `
const MANY = 12;
async function readDocument() {
  const api = await (await fetch('openapi.json')).json();
  const models = api.tags.map(({ name }) => name).filter((name) => api.paths['/models/' + name + '/predict']);
  if (models.length <= MANY) return api;
  const asked = new URLSearchParams(location.search).get('model');
  const chosen = models.includes(asked) ? asked : models[0];
  const others = new Set(models.filter((model) => model !== chosen));
  api.tags = api.tags.filter(({ name }) => !others.has(name));
  for (const [path, { post }] of Object.entries(api.paths))
    if (post && others.has(post.tags[0])) delete api.paths[path];
  for (const model of others) delete api.components.schemas[model + '.Input'];
  const form = document.getElementById('choice');
  form.hidden = false;
  form.model.placeholder = chosen + ', one of ' + models.length;
  form.model.oninput = () => form.model.setCustomValidity('');
  form.model.onchange = () => {
    const isKnown = models.includes(form.model.value);
    form.model.setCustomValidity(isKnown ? '' : 'No model is called that; take one of the list');
    if (isKnown) form.submit();
    else form.model.reportValidity();
  };
  document.getElementById('models').append(...models.map((model) => new Option(model)));
  return api;
}
`;
