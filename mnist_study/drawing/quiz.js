/* What would you say? Digits one by one; the label is told after the guess. Who agrees with whom is counted in this page,
 * and nowhere else. Keys 0 to 9 guess, Enter goes on. */
(function () {
  "use strict";
  const { element, button, picture, mount } = window.MnistFailures;

  /** "7 of 9 networks say 4, 2 say 9": what the networks say, the most frequent answer first. */
  function said(networks, place) {
    const counts = {};
    for (const { answers } of networks) counts[answers[place]] = (counts[answers[place]] || 0) + 1;
    const [first, ...others] = Object.entries(counts).sort((one, other) => other[1] - one[1]);
    const rest = others.map(([answer, count]) => `, ${count} say ${answer}`).join("");
    return { most: first[0], words: `${first[1]} of ${networks.length} networks say ${first[0]}${rest}` };
  }

  class Quiz {
    constructor(root, content, image) {
      Object.assign(this, { root, content, image });
      this.picture = element("div", { class: "mnist-failures-large" });
      this.question = element("p", { class: "mnist-failures-status", tabindex: "-1" });
      this.answer = element("p", { "aria-live": "polite" });
      this.score = element("p", { class: "mnist-failures-muted" });
      this.next = button("Next digit", () => this.go(this.place + 1));
      const names = [...Array(10).keys()].map(String);
      this.choices = [...names, "no digit"].map((name) => button(name, () => this.guess(name), { "aria-pressed": "false" }));
      this.row = element("div", { class: "mnist-failures-row", role: "group", "aria-label": "Your guess" }, ...this.choices);
      const words = element("div", {}, this.question, this.row, this.answer, element("div", { class: "mnist-failures-row" }, this.next), this.score);
      root.setAttribute("role", "group");
      root.setAttribute("aria-label", "What would you say?");
      root.replaceChildren(element("div", { class: "mnist-failures-card" }, this.picture, words));
      root.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const choice = names.indexOf(event.key);
        if (choice >= 0) this.guess(names[choice]);
      });
      this.go(0, false);
    }

    /** To a digit; behind the last one the count begins anew. */
    go(place, focus = true) {
      if (place % this.content.index.length === 0) this.agreed = { seen: 0, label: 0, networks: 0 };
      this.place = place % this.content.index.length;
      this.guessed = null;
      this.picture.replaceChildren(picture(this.image, this.place, "A handwritten sign; what it is, is the question"));
      this.question.textContent = `Digit ${this.place + 1} of ${this.content.index.length}: what is it?`;
      this.answer.textContent = "";
      this.next.hidden = true;
      this.score.textContent = this.agreed.seen ? this.counted() : "The label is told when you have guessed.";
      for (const choice of this.choices) {
        choice.disabled = false;
        choice.setAttribute("aria-pressed", "false");
      }
      if (focus) this.question.focus();
    }

    guess(name) {
      if (this.guessed !== null) return;
      this.guessed = name;
      const { labels, rated, index, networks } = this.content;
      const { most, words } = said(networks, this.place);
      this.agreed.seen += 1;
      this.agreed.label += name === labels[this.place];
      this.agreed.networks += name === most;
      for (const choice of this.choices) {
        choice.disabled = true;
        choice.setAttribute("aria-pressed", choice.textContent === name);
      }
      const votes = rated[this.place] ? ` ${rated[this.place]}.` : "";
      this.answer.textContent = `You say ${name}. MNIST’s label is ${labels[this.place]} (test digit ${index[this.place]}); ${words}.${votes}`;
      this.score.textContent = this.counted();
      this.next.textContent = this.place + 1 < index.length ? "Next digit" : "Once more";
      this.next.hidden = false;
      this.next.focus();
    }

    counted() {
      const { seen, label, networks } = this.agreed;
      return `So far you agree with the label on ${label} of ${seen}, with most networks on ${networks} of ${seen}.`;
    }
  }

  mount("quiz", (root, content, image) => new Quiz(root, content, image));
})();
