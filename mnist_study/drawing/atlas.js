/* The atlas of failures: every misread digit, filtered by what the reader asks for and sorted by confidence. What is
 * asked for stands in the page's address, so that it can be sent: #network=cnn&label=4, and &digit=247 for an open one.
 * Arrow keys walk through the digits, Enter opens one, Escape closes it. */
(function () {
  "use strict";
  const { element, button, sheet, picture, percent, mount } = window.MnistFailures;

  const START = { network: "any", networks: "1", label: "any", read: "any", sure: "0", rejected: "" };
  const PAGE = 48; // digits that are shown at first, and more at a time
  const part = (name, ...children) => element("div", { class: `mnist-failures-${name}` }, ...children);

  /** The misread digits that are asked for: a list of { place, network, answer, sure }, the surest mistake first. */
  function select({ labels, rated, networks }, asked) {
    const found = [];
    for (let place = 0; place < labels.length; place++) {
      const wrong = networks.filter(({ answers }) => answers[place] !== labels[place]);
      if (wrong.length < asked.networks || (asked.label !== "any" && asked.label !== labels[place])) continue;
      if (asked.rejected && !rated[place]) continue;
      const meant = wrong
        .filter(({ name }) => asked.network === "any" || asked.network === name)
        .map(({ name, answers, sure }) => ({ place, network: name, answer: answers[place], sure: sure[place] }))
        .filter(({ answer, sure }) => (asked.read === "any" || asked.read === answer) && sure >= 10 * asked.sure);
      if (meant.length) found.push(meant.reduce((most, one) => (one.sure > most.sure ? one : most)));
    }
    return found.sort((one, other) => other.sure - one.sure || one.place - other.place);
  }

  class Atlas {
    constructor(root, content, image) {
      Object.assign(this, { root, content, image, asked: { ...START }, fields: {}, open: null, shown: PAGE });
      this.status = element("p", { class: "mnist-failures-status", "aria-live": "polite" });
      this.grid = element("div", { class: "mnist-failures-grid", role: "group", "aria-label": "Misread digits" });
      this.more = button("Show more", () => this.showMore());
      this.dialog = element("dialog", { class: "mnist-failures-dialog", "aria-label": "One misread digit" });
      this.dialog.addEventListener("close", () => this.closed());
      this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
      this.dialog.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (by) this.step(by);
        if (event.key === "Escape") this.dialog.close(); // the book's theme takes this key's own effect away
      });
      this.grid.addEventListener("keydown", (event) => this.walk(event));
      root.setAttribute("role", "group");
      root.setAttribute("aria-label", "Atlas of failures");
      root.replaceChildren(this.filters(), this.status, this.grid, part("row", this.more), this.dialog);
      window.addEventListener("hashchange", () => this.follow());
      this.follow();
      this.update();
    }

    filters() {
      const digits = ["any", ..."0123456789"];
      const names = this.content.networks.map(({ name }) => name);
      const counts = names.map((_, at) => String(at + 1));
      const reset = button("Show all", () => this.ask({ ...START }));
      return part(
        "filters",
        this.choice("network", "Network", ["any", ...names]),
        this.choice("networks", "Misread by at least", counts, (count) => `${count} of ${names.length}`),
        this.choice("label", "Label", digits),
        this.choice("read", "Read as", digits),
        this.range("sure", "At least so sure"),
        this.check("rejected", "Only labels that raters reject *"),
        reset
      );
    }

    field(name, text, field, ...more) {
      this.fields[name] = field;
      field.setAttribute("aria-label", text.replace(" *", ""));
      field.addEventListener("input", () => this.ask({ [name]: field.type === "checkbox" ? (field.checked ? "1" : "") : field.value }));
      return element("label", {}, element("span", { text }), field, ...more);
    }

    choice(name, text, values, words = (value) => value) {
      const options = values.map((value) => element("option", { value, text: words(value) }));
      return this.field(name, text, element("select", { autocomplete: "off" }, ...options));
    }

    range(name, text) {
      this.output = element("output");
      return this.field(name, text, element("input", { type: "range", min: 0, max: 99, autocomplete: "off" }), this.output);
    }

    check(name, text) {
      const label = this.field(name, text, element("input", { type: "checkbox", autocomplete: "off" }));
      label.classList.add("mnist-failures-check");
      return label;
    }

    ask(changes) {
      Object.assign(this.asked, changes);
      this.shown = PAGE;
      this.update();
      this.write();
    }

    /* ---- What is asked for, in the page's address ---- */

    /** Take what the address asks for; what it does not know is left out. */
    follow() {
      const hash = new URLSearchParams(location.hash.slice(1));
      if (![...Object.keys(START), "digit"].some((name) => hash.has(name))) return;
      const allowed = (name) => hash.has(name) && this.allows(name, hash.get(name));
      this.asked = Object.fromEntries(Object.entries(START).map(([name, value]) => [name, allowed(name) ? hash.get(name) : value]));
      this.shown = PAGE;
      this.update();
      this.root.scrollIntoView();
      const place = this.content.index.indexOf(Number(hash.get("digit") ?? NaN));
      if (place >= 0) this.show(place);
    }

    allows(name, value) {
      const field = this.fields[name];
      if (field.type === "checkbox") return value === "1";
      if (field.type === "range") return /^\d\d?$/.test(value);
      return [...field.options].some((option) => option.value === value);
    }

    write() {
      if (document.body.dataset.jpThemeName) return; // JupyterLab's address is its own
      const changed = Object.entries(this.asked).filter(([name, value]) => value !== START[name]);
      if (this.open !== null) changed.push(["digit", this.content.index[this.open]]);
      const hash = new URLSearchParams(changed).toString();
      history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    }

    /* ---- The digits ---- */

    update() {
      for (const [name, field] of Object.entries(this.fields)) {
        if (field.type === "checkbox") field.checked = this.asked[name] === "1";
        else field.value = this.asked[name];
      }
      this.output.textContent = `${this.asked.sure} %`;
      this.found = select(this.content, this.asked);
      const rejected = this.found.filter(({ place }) => this.content.rated[place]).length;
      const count = this.found.length;
      this.status.textContent = `${count} misread ${count === 1 ? "digit" : "digits"}, ${rejected} of them with a label that raters reject.`;
      this.grid.replaceChildren();
      this.fill();
    }

    /** Tiles up to as many as are shown; one of them can be reached by Tab, the others by arrow keys. */
    fill() {
      const from = this.grid.children.length;
      this.grid.append(...this.found.slice(from, this.shown).map((one) => this.tile(one)));
      if (from === 0) this.grid.firstChild?.setAttribute("tabindex", "0");
      this.more.hidden = this.shown >= this.found.length;
    }

    showMore() {
      const next = this.grid.children.length;
      this.shown += PAGE;
      this.fill();
      this.focus(next);
    }

    tile({ place, network, answer, sure }) {
      const { index, labels, rated } = this.content;
      const star = rated[place] ? "; raters reject the label" : "";
      const words = `Test digit ${index[place]}, label ${labels[place]}, read as ${answer} by ${network}, ${percent(sure)} sure${star}`;
      const made = button(undefined, () => this.show(place), { "aria-label": words, tabindex: "-1" });
      made.classList.toggle("mnist-failures-rejected", Boolean(rated[place]));
      const caption = `${labels[place]} → ${answer}${rated[place] ? " *" : ""}`;
      made.append(picture(this.image, place), element("b", { text: caption }), element("small", { text: percent(sure) }));
      return made;
    }

    focus(at) {
      const tile = this.grid.children[at];
      if (!tile) return;
      this.grid.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
      tile.setAttribute("tabindex", "0");
      tile.focus();
    }

    walk(event) {
      const tiles = [...this.grid.children];
      const at = tiles.indexOf(document.activeElement);
      const across = Math.max(tiles.filter((tile) => tile.offsetTop === tiles[0]?.offsetTop).length, 1);
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - across, ArrowDown: at + across, Home: 0, End: tiles.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      this.focus(to);
    }

    /* ---- One digit ---- */

    async show(place) {
      this.open = place;
      this.training ??= await sheet(this.content.training.sheet);
      const { index, labels, rated, networks } = this.content;
      const right = networks.filter(({ answers }) => answers[place] === labels[place]).length;
      const large = part("large", picture(this.image, place, `Test digit ${index[place]}`));
      const votes = rated[place] ? [element("p", { class: "mnist-failures-votes", text: `* Raters reject this label. ${rated[place]}.` })] : [];
      const heading = element("h3", { text: `Test digit ${index[place]}: label ${labels[place]}`, tabindex: "-1" });
      const count = element("p", { text: `${right} of ${networks.length} networks read it as its label.` });
      const buttons = part("row", button("Previous", () => this.step(-1)), button("Next", () => this.step(1)), button("Close", () => this.dialog.close()));
      this.dialog.replaceChildren(heading, buttons, part("card", large, element("div", {}, count, ...votes, this.near(place))), this.table(place));
      if (!this.dialog.open) this.dialog.showModal();
      heading.focus();
      this.write();
    }

    near(place) {
      const { index, labels } = this.content.training;
      const figures = this.content.near[place].map((at) => {
        const words = `training digit ${index[at]}, label ${labels[at]}`;
        return element("figure", {}, picture(this.training, at, words), element("figcaption", { text: `label ${labels[at]}` }));
      });
      return element("div", {}, element("p", { class: "mnist-failures-muted", text: "The training digits that look most like it:" }), part("near", ...figures));
    }

    table(place) {
      const label = this.content.labels[place];
      const head = ["network", "answer", "sure"].map((text) => element("th", { scope: "col", text }));
      const rows = this.content.networks.map(({ name, answers, sure }) => {
        const good = answers[place] === label;
        const meter = part("meter", element("i", { style: `width: ${sure[place] / 10}%` }));
        const answer = element("td", { text: `${answers[place]} ${good ? "✓" : "✗"}`, "aria-label": `${answers[place]}, ${good ? "right" : "wrong"}` });
        return element("tr", {}, element("th", { scope: "row", text: name }), answer, element("td", {}, meter, percent(sure[place])));
      });
      return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
    }

    /** To the next digit that is asked for, round and round. */
    step(by) {
      const at = this.found.findIndex(({ place }) => place === this.open);
      const { length } = this.found;
      if (length) this.show(this.found[(Math.max(at, 0) + by + length) % length].place);
    }

    closed() {
      const at = this.found.findIndex(({ place }) => place === this.open);
      this.open = null;
      this.write();
      this.shown = Math.max(this.shown, at + 1);
      this.fill();
      this.focus(at);
    }
  }

  mount("atlas", (root, content, image) => new Atlas(root, content, image));
})();
