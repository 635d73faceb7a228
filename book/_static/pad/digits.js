/* What the page's pieces share that show digits which a notebook chose, and networks that the pad has loaded: inside.js,
 * changes.js. Choosing a digit is styled by pad.css.
 */
(function () {
  "use strict";

  const NEAR = "300px"; // from the window, for a piece to come to life

  /** An element with attributes; `text` and `class` are set too, and children may be elements or strings. */
  function element(tag, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  /** The images of `area` pixels, in base64, and their labels, that a piece was given; or why that cannot be. */
  function decoded({ images, labels }, area) {
    const names = (labels || "").split(",");
    try {
      const bytes = Uint8Array.from(atob(images || ""), (letter) => letter.charCodeAt(0));
      const all = names.map((_, at) => bytes.slice(at * area, (at + 1) * area));
      if (bytes.length === names.length * area) return { images: all, labels: names };
    } catch {
      // not base64: as wrong as a wrong length
    }
    return { problem: `data-images does not hold ${area} grey values for each of data-labels, in base64` };
  }

  /** A picture to click on for each digit; and what is drawn on the page's pad, where there is one. `take(image, at)` is
   *  called for the one that is chosen; `at` is null for a drawing. `card(image)` makes what is seen of a digit. */
  function choice(images, { id, legend, titles, drawing, card, take }) {
    let drawn = null;
    const option = (title, shown, choose) => {
      const input = element("input", { type: "radio", name: id, autocomplete: "off", "aria-label": title });
      input.addEventListener("change", choose);
      return { input, label: element("label", {}, input, shown) };
    };
    const options = images.map((image, at) => option(titles[at], card(image), () => take(image, at)));
    options[0].input.checked = true;
    const mine = option(drawing, drawing, () => take(drawn, null));
    mine.input.disabled = true;
    mine.label.hidden = !document.querySelector(".mnist-pad");
    document.addEventListener("mnist-image", ({ detail }) => {
      if (detail.length !== images[0].length) return; // of two digits
      const blank = detail.every((value) => value === 0);
      mine.input.disabled = blank;
      if (!blank) drawn = detail;
      else if (!mine.input.checked) return;
      (blank ? options[0] : mine).input.checked = true;
      if (blank) take(images[0], 0);
      else take(detail, null);
    });
    const labels = [...options, mine].map(({ label }) => label);
    return element("fieldset", { class: "mnist-digits" }, element("legend", { text: legend }), ...labels);
  }

  /** Name a piece, say that it is being loaded, and call `open` with the pad's reader, or { problem }, when it is near. */
  function mount(root, { title, loading }, open) {
    root.classList.add("mathjax_ignore", "tex2jax_ignore");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", title);
    root.replaceChildren(element("p", { role: "status", text: loading }));
    const observer = new IntersectionObserver(async (seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      open(window.MnistPad ? await window.MnistPad.readerFor(1) : { problem: "pad.js is missing or damaged" });
    }, { rootMargin: NEAR });
    observer.observe(root);
  }

  window.MnistDigits = { element, decoded, choice, mount };
})();
