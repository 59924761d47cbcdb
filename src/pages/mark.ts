/** Nestor's mark: an N whose strokes are the three ways between four points. */
export const MARK = [
  '<svg aria-hidden="true" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">',
  '<rect width="32" height="32" rx="8" fill="#0f766e"/>',
  '<path d="M10 22.5v-13l12 13v-13" fill="none" stroke="#fff" stroke-width="2.6" stroke-linejoin="round"/>',
  '<g fill="#fff"><circle cx="10" cy="22.5" r="3"/><circle cx="22" cy="9.5" r="3"/></g>',
  '<g fill="#5eead4"><circle cx="10" cy="9.5" r="3"/><circle cx="22" cy="22.5" r="3"/></g>',
  '</svg>',
].join('');
