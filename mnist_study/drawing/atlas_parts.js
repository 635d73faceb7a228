/* What the atlas of failures and the quiz share: their data, pictures from a sheet, and elements. drawing/failures.py puts
 * this file and one of the two into each piece of HTML; a second copy on the same page changes nothing. */
window.MnistFailures ??= (function () {
  "use strict";

  const [SIDE, COLUMNS] = [28, 32]; // pixels of a digit, digits in a row of a sheet

  function element(tag, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  function button(text, press, attributes = {}) {
    const made = element("button", { type: "button", text, ...attributes });
    made.addEventListener("click", press);
    return made;
  }

  /** An Image of the sheet, once it can be drawn. */
  async function sheet(base64) {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    return image;
  }

  /** A canvas with the picture at a place of a sheet; without words it is for the eye alone. */
  function picture(image, place, words) {
    const about = words ? { role: "img", "aria-label": words } : { "aria-hidden": "true" };
    const canvas = element("canvas", { width: SIDE, height: SIDE, ...about });
    const [left, top] = [(place % COLUMNS) * SIDE, Math.floor(place / COLUMNS) * SIDE];
    canvas.getContext("2d").drawImage(image, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
    return canvas;
  }

  /** Probability in words; what is nearly certain is not called certain. */
  const percent = (thousandths) => (thousandths >= 995 ? "> 99 %" : `${Math.round(thousandths / 10)} %`);

  /** Call `build(root, content, image)` for each piece of a kind that has not been built yet. */
  function mount(kind, build) {
    async function start() {
      for (const root of document.querySelectorAll(`.mnist-${kind}[data-content]`)) {
        const content = JSON.parse(root.dataset.content);
        root.removeAttribute("data-content");
        root.classList.add("mnist-failures", "mathjax_ignore", "tex2jax_ignore");
        root.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes digits for commands
        build(root, content, await sheet(content.sheet));
      }
    }
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
    else start();
  }

  return { element, button, sheet, picture, percent, mount };
})();
