// Elements out of values. Text only ever becomes text: what a phone calls itself is not to be trusted with markup.

export const byId = (id) => document.getElementById(id);

/** make("p", {class: "quiet"}, "text", child, ...) */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...present(children));
  return element;
}

/** Put these in place of what the element holds; null stands for nothing. */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

const present = (children) => children.flat().filter((child) => child !== null && child !== undefined);
