/* Questions at the end of a chapter: a list in <div class="mnist-questions"> becomes choices that answer.
 *
 * Each item of the list is a question; the items of the list inside it are its options: **bold** the right one, and in
 * *italics* what is said when it is chosen. Without this script, in a notebook or on paper, the list can be read as it
 * is. A <div class="mnist-prediction"> gets a line to write in, and <span class="mnist-predicted">, further down, says
 * what was written. All of it stays in the reader's browser; a button saves that of all chapters as a file.
 *
 * Of a question are kept the option that was chosen last, and in `first` the one that was chosen first, whether right or
 * not; answers that were kept before there was a `first` go on without.
 */
(function () {
  "use strict";

  const KEY = "mnist-study.answers";
  const chapter = decodeURIComponent(location.pathname).split("/").pop().replace(/\.html$/, "");

  function answers() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch {
      return {}; // nothing kept, or nothing that can be read
    }
  }

  function keep(name, answer) {
    const all = answers();
    all[chapter] = { ...all[chapter], [name]: answer };
    try {
      localStorage.setItem(KEY, JSON.stringify(all));
    } catch {
      // a browser that keeps nothing: the answer is shown all the same
    }
  }

  /** Show what was kept: now, and whenever the same chapter, open in another tab, keeps something else. */
  function recall(show) {
    show();
    addEventListener("storage", ({ key }) => key === KEY && show());
  }

  function element(tag, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  function mount(root, block) {
    const list = root.querySelector("ol");
    root.classList.add("can-answer");
    const questions = [...list.children];
    const summary = element("p", { class: "mnist-questions-summary", role: "status" });
    const right = new Map();
    const update = () => {
      const count = [...right.values()].filter(Boolean).length;
      summary.textContent = right.size ? `${count} of ${questions.length} right.` : "";
    };
    questions.forEach((item, number) => {
      const name = `${block}-${number + 1}`;
      const options = [...item.querySelectorAll(":scope > ul > li")];
      const legend = element("legend");
      for (const node of [...item.childNodes]) if (node.nodeName !== "UL") legend.append(node);
      (legend.querySelector("p") || legend).prepend(`${number + 1}. `); // a list's own number would stand beside the options
      const said = element("p", { class: "mnist-questions-said", role: "status" });
      const choices = options.map((option, at) => {
        const why = option.querySelector("em");
        const good = Boolean(option.querySelector("strong"));
        if (why) why.remove();
        const input = element("input", { type: "radio", name: `${chapter}-${name}`, autocomplete: "off" });
        const words = element("span");
        const source = option.querySelector("p") || option;
        for (const node of [...source.childNodes]) words.append(...(node.nodeName === "STRONG" ? node.childNodes : [node]));
        const choose = () => {
          said.replaceChildren(element("b", { text: good ? "Right. " : "Not so. " }), ...(why ? [...why.cloneNode(true).childNodes] : []));
          fieldset.dataset.right = good;
          right.set(name, good);
          update();
        };
        input.addEventListener("change", () => {
          choose();
          const before = (answers()[chapter] || {})[name];
          const answer = { option: at + 1, right: good };
          keep(name, { ...answer, first: before ? before.first : answer });
        });
        return { element: element("label", {}, input, words), input, choose };
      });
      const fieldset = element("fieldset", {}, legend, ...choices.map((one) => one.element), said);
      recall(() => {
        const before = (answers()[chapter] || {})[name];
        const chosen = before && choices[before.option - 1];
        if (!chosen) return;
        chosen.input.checked = true;
        chosen.choose();
      });
      item.replaceChildren(fieldset);
    });
    const save = element("button", { type: "button", text: "Save my answers to all chapters" });
    save.addEventListener("click", () => {
      const file = new Blob([JSON.stringify({ book: "MNIST Study", saved: new Date().toISOString(), answers: answers() }, null, 2)], { type: "application/json" });
      const link = element("a", { href: URL.createObjectURL(file), download: "mnist-study-answers.json" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    root.append(summary, save);
    update();
  }

  /** A line for what the reader expects, before the experiment; shown again beside the result. */
  function predict(root) {
    const input = element("input", { type: "text", maxlength: 120, autocomplete: "off" });
    const show = () => {
      const words = input.value.trim();
      for (const place of document.querySelectorAll(".mnist-predicted")) place.textContent = words && ` You had expected: ${words}.`;
    };
    input.addEventListener("input", () => {
      keep("prediction", input.value.trim());
      show();
    });
    root.append(element("label", { text: "I expect " }, input));
    recall(() => {
      if (document.hasFocus() && document.activeElement === input) return; // never under the reader's hands
      input.value = (answers()[chapter] || {}).prediction || "";
      show();
    });
  }

  function start() {
    document.querySelectorAll(".mnist-questions").forEach((root, at) => mount(root, at + 1));
    document.querySelectorAll(".mnist-prediction").forEach(predict);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
